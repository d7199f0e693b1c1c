import { type Queue, type Random, usesRoles } from "@muster/core";
import { unfitFor } from "@muster/matching";
import type { Arrival, Comer } from "./arrivals.ts";

/** How frequent wishes are; a name that isn't in it is wished by nobody. */
export type WishWeights = Readonly<Record<string, number>>;

/** What stands for "no team in particular" among the weights of teams. */
export const ANY_TEAM = "any";

/** A party asks again so often for roles and teams that it can have; after that it asks for none. */
const MAX_DRAWS = 20;

/**
 * The same arrivals with what players ask for in a queue: roles where its teams have roles, teams by name where the
 * weights name any. The queue would refuse a party that no team can take; such a party draws again.
 *
 * A player lists one role or more, each number half as frequent as the one before, and each by weight. An assumption.
 */
export const withWishes = (
  queue: Queue,
  arrivals: readonly Arrival[],
  { roles, teams }: { roles: WishWeights; teams: WishWeights },
  random: Random,
): readonly Arrival[] => {
  const asksForRoles = usesRoles(queue) && Object.keys(roles).length > 0;
  const asksForTeams = Object.keys(teams).some((name) => name !== ANY_TEAM);
  if (!asksForRoles && !asksForTeams) return arrivals;
  const drawOnce = ({ atMs, members }: Arrival): Arrival => {
    const team = asksForTeams ? drawName(teams, random) : ANY_TEAM;
    return {
      atMs,
      members: asksForRoles
        ? members.map((member): Comer => ({ ...member, roles: drawRoles(roles, random) }))
        : members,
      ...(team !== undefined && team !== ANY_TEAM && { teams: [team] }),
    };
  };
  return arrivals.map((arrival) => {
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const wishing = drawOnce(arrival);
      if (!unfitFor(queue, wishing.members, wishing.teams)) return wishing;
    }
    return arrival;
  });
};

/**
 * Weights of roles as first choices: the places that a team has for them, squared. So the roles that a team needs few of
 * are asked for even less: of tank 1, healer 1, dps 3 a tenth asks for tank where a fifth is needed. An assumption, for
 * games commonly lack those.
 */
export const scarceRoleWeights = ({ teamShapes }: Queue): Record<string, number> => {
  const places: Record<string, number> = {};
  for (const { roles = {} } of teamShapes) {
    for (const [role, count] of Object.entries(roles)) places[role] = (places[role] ?? 0) + count;
  }
  return Object.fromEntries(Object.entries(places).map(([role, count]) => [role, count ** 2]));
};

const drawRoles = (weights: WishWeights, random: Random): string[] => {
  const left = { ...weights };
  const chosen: string[] = [];
  do {
    const role = drawName(left, random);
    if (role === undefined) break;
    chosen.push(role);
    delete left[role];
  } while (random.next() < 0.5);
  return chosen;
};

/** Undefined when all weights are 0. */
const drawName = (weights: WishWeights, random: Random): string | undefined => {
  const names = Object.entries(weights).filter(([, weight]) => weight > 0);
  let left = random.next() * names.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [name, weight] of names) {
    left -= weight;
    if (left < 0) return name;
  }
  return names.at(-1)?.[0];
};
