import type { Roles } from "@muster/core";

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
 * as can be, then second choices and so on. Exact: a minimum-cost assignment by successive shortest augmenting paths
 * (R. Busacker and P. Gowen, 1961), on the graph of the roles, which are few.
 *
 * @param players at most as many as there are places; in an order that doesn't matter to the cost
 * @param places open places by role
 * @returns undefined when someone would be left without a role
 */
export const assignRoles = (players: readonly RoleSeeker[], places: Roles): RoleAssignment | undefined => {
  const names = Object.keys(places);
  const costs = players.map((player) => names.map((name) => costOf(player, name, players.length + 1)));
  const holders: number[][] = names.map(() => []);
  for (let player = 0; player < players.length; player++) {
    if (
      !seat(
        player,
        names.map((name) => places[name] ?? 0),
        costs,
        holders,
      )
    )
      return undefined;
  }
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

/** Infinity: never. Each rank outweighs all that can be gained in the ranks after it. */
const costOf = ({ roles, autofill }: RoleSeeker, name: string, base: number): number => {
  const rank = roles ? roles.indexOf(name) : 0;
  if (rank < 0) return autofill ? base ** (LAST_RANK + 1) : Infinity;
  return base ** LAST_RANK - base ** (LAST_RANK - Math.min(rank, LAST_RANK));
};

const faultOf = ({ roles }: RoleSeeker, name: string): number => {
  const rank = roles ? roles.indexOf(name) : 0;
  return rank < 0 ? 1 : 1 - 1 / (1 + rank);
};

/** Gives one more player a place, moving others where that is cheapest. False when there is no way. */
const seat = (
  player: number,
  capacity: readonly number[],
  costs: readonly number[][],
  holders: number[][],
): boolean => {
  const distance = [...(costs[player] ?? [])];
  /** By role: who moves into it, and from which role; the new player from none. */
  const mover = capacity.map(() => ({ player, from: -1 }));
  // Bellman–Ford: moving someone to a role that it likes better has a negative cost.
  for (let round = 0; round < capacity.length; round++) {
    let changed = false;
    for (const [from, held] of holders.entries()) {
      for (const holder of held) {
        const own = costs[holder]?.[from] ?? Infinity;
        for (let to = 0; to < capacity.length; to++) {
          const through = (distance[from] ?? Infinity) + (costs[holder]?.[to] ?? Infinity) - own;
          if (to === from || !(through < (distance[to] ?? Infinity))) continue;
          distance[to] = through;
          mover[to] = { player: holder, from };
          changed = true;
        }
      }
    }
    if (!changed) break;
  }
  let target = -1;
  for (let role = 0; role < capacity.length; role++) {
    const isOpen = (holders[role]?.length ?? 0) < (capacity[role] ?? 0);
    if (isOpen && (distance[role] ?? Infinity) < (distance[target] ?? Infinity)) target = role;
  }
  if (target < 0) return false;
  for (let role = target; role >= 0; ) {
    const step = mover[role];
    if (!step) return false;
    holders[role]?.push(step.player);
    if (step.from >= 0) holders[step.from]?.splice(holders[step.from]?.indexOf(step.player) ?? -1, 1);
    role = step.from;
  }
  return true;
};
