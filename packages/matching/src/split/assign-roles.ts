import type { Roles } from "@muster/core";
import { assignPlaces } from "./assign-places.ts";

/** A player who is to be given a role. */
export interface RoleSeeker {
  readonly id: string;
  /** Roles that it accepts, the dearest first. Absent: all alike. */
  readonly roles?: readonly string[];
  /** Whether it may be given another one. */
  readonly autofill: boolean;
}

export interface RoleAssignment {
  /** Player → role. */
  readonly roles: ReadonlyMap<string, string>;
  /** Sum over the players of 0 for the first choice, 1/2 for the second, 2/3, 3/4 …, and 1 for a role not listed. */
  readonly faults: number;
}

/** Choices after the fifth are alike: the costs of finer ones would outgrow exact numbers. */
const LAST_RANK = 4;

/**
 * Gives each player of a team one of its role places: as few autofilled players as can be, then as many first choices
 * as can be, then second choices and so on. Exact: see `assignPlaces`.
 *
 * @param players at most as many as there are places; in an order that doesn't matter to the cost
 * @param places open places by role
 * @returns undefined when someone would be left without a role
 */
export const assignRoles = (players: readonly RoleSeeker[], places: Roles): RoleAssignment | undefined => {
  const names = Object.keys(places);
  const holders = assignPlaces(
    players.map((player) => names.map((name) => costOfRole(player, name, players.length))),
    Object.values(places),
  );
  if (!holders) return undefined;
  const roles = new Map<string, string>();
  let faults = 0;
  for (const [role, held] of holders.entries()) {
    for (const index of held) {
      const player = players[index];
      const name = names[role];
      if (!player || name === undefined) continue;
      roles.set(player.id, name);
      faults += faultOf(player, name);
    }
  }
  return { roles, faults };
};

/**
 * What it costs to give a player a role; Infinity: never. Each rank outweighs all that can be gained in the ranks after
 * it.
 *
 * @param players how many are given roles together
 */
export const costOfRole = ({ roles, autofill }: RoleSeeker, name: string, players: number): number => {
  const base = players + 1;
  const rank = roles ? roles.indexOf(name) : 0;
  if (rank < 0) return autofill ? base ** (LAST_RANK + 1) : Infinity;
  return base ** LAST_RANK - base ** (LAST_RANK - Math.min(rank, LAST_RANK));
};

const faultOf = ({ roles }: RoleSeeker, name: string): number => {
  const rank = roles ? roles.indexOf(name) : 0;
  return rank < 0 ? 1 : 1 - 1 / (1 + rank);
};
