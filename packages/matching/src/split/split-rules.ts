import { type Queue, type TeamSumRule, usesRoles } from "@muster/core";
import type { Member } from "./team-side.ts";

/** What the teams of a match must meet: what the queue asks for, and what all its tickets accept. */
export interface SplitRules {
  readonly queue: Queue;
  /** For each team, the players with which it may begin. */
  readonly least: readonly number[];
  /** The most unlike parties that all accept: a place in `PREMADE_LEVELS`. */
  readonly premade: number;
  /** Those that any ticket asks for. */
  readonly sums: readonly TeamSumRule[];
  readonly withRoles: boolean;
  /** Whether any ticket holds more than one player. */
  readonly withParties: boolean;
}

/** @param mostUnlike if the parties are to be more alike than the tickets ask for: a place in `PREMADE_LEVELS` */
export const splitRules = (queue: Queue, members: readonly Member[], mostUnlike = Infinity): SplitRules => {
  const premade = Math.min(mostUnlike, ...members.map(({ criteria }) => criteria.premade));
  const sums = [...new Set(members.flatMap(({ criteria }) => criteria.teamSums ?? []))];
  return {
    queue,
    least: leastPlayers(queue, Math.min(...members.map(({ criteria }) => criteria.openPlaces))),
    premade,
    sums,
    withRoles: usesRoles(queue),
    withParties: members.some(({ ticket }) => ticket.players.length > 1),
  };
};

/** For each team, the players with which a match may begin whose tickets accept so many open places in a team. */
export const leastPlayers = ({ teamShapes }: Queue, openPlaces: number): number[] =>
  teamShapes.map(({ min, max }) => Math.max(min, max - openPlaces));
