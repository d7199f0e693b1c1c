import { type Queue, usesRoles, type WaitingPlayer } from "@muster/core";
import { assignRoles } from "./split/assign-roles.ts";

/** Why a ticket could never be in a match of a queue. */
export type Unfit =
  /** It names a team that the queue doesn't name. */
  | "unknownTeam"
  /** A player accepts only roles that the queue doesn't have. */
  | "unknownRole"
  /** No team that it accepts holds so many players. */
  | "tooLarge"
  /** No team can give all its players a role, not even at the widest step. */
  | "roles";

/**
 * Whether a ticket could be in a match of the queue at all, whoever else waits.
 *
 * @param teams names of the teams that it accepts; absent: any
 */
export const unfitFor = (
  queue: Queue,
  players: readonly Pick<WaitingPlayer, "id" | "roles">[],
  teams?: readonly string[],
): Unfit | undefined => {
  const { teamShapes, steps } = queue;
  // Teams that are alike are only numbered: to ask for one of them means nothing.
  const names = Array.isArray(queue.teams) ? teamShapes.map(({ name }) => name) : [];
  if (teams?.some((name) => !names.includes(name))) return "unknownTeam";
  if (usesRoles(queue)) {
    const known = new Set(teamShapes.flatMap(({ roles = {} }) => Object.keys(roles)));
    if (players.some(({ roles }) => roles?.some((role) => !known.has(role)))) return "unknownRole";
  }
  const large = teamShapes.filter(({ name, max }) => (teams?.includes(name) ?? true) && max >= players.length);
  if (large.length === 0) return "tooLarge";
  const autofill = steps.some((step) => step.autofill);
  const seekers = players.map(({ id, roles }) => ({ id, autofill, ...(roles && { roles }) }));
  return large.some(({ roles }) => !roles || assignRoles(seekers, roles)) ? undefined : "roles";
};
