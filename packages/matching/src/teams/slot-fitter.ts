import { type Queue, usesRoles } from "@muster/core";
import type { Seeker } from "../seeker.ts";

/** Tells of each ticket in turn whether its players can have a role, and a team by name, beside the others; then they have. */
export type SlotFitter = (seeker: Seeker) => boolean;

/** Places of one kind: a role of a team. */
interface Slot {
  readonly team: string;
  readonly role: string | undefined;
  readonly places: number;
}

/** The places that each player of a ticket accepts, by their index, and a text that is equal for equal ones. */
interface Wishes {
  readonly accepted: readonly (readonly number[])[];
  readonly key: string;
}

/**
 * Makes fitters for one search, each for a match that is empty yet. What each ticket accepts is found out once, for a crowd
 * that suits nobody asks often.
 */
export const slotFitters = (queue: Queue): (() => SlotFitter) => {
  const slots = queue.teamShapes.flatMap(({ name, max, roles }): Slot[] =>
    roles
      ? Object.entries(roles).map(([role, places]) => ({ team: name, role, places }))
      : [{ team: name, role: undefined, places: max }],
  );
  const known = new Map<Seeker, Wishes>();
  const wishesOf = (seeker: Seeker): Wishes => {
    let wishes = known.get(seeker);
    if (!wishes) {
      const { ticket, criteria } = seeker;
      const accepted = ticket.players.map(({ roles }) =>
        slots.flatMap(({ team, role }, index) => {
          const isAccepted =
            (ticket.teams?.includes(team) ?? true) &&
            (role === undefined || criteria.autofill || (roles?.includes(role) ?? true));
          return isAccepted ? [index] : [];
        }),
      );
      wishes = { accepted, key: accepted.join("|") };
      known.set(seeker, wishes);
    }
    return wishes;
  };
  return () => slotFitter(slots, wishesOf);
};

/**
 * Keeps the players of a match matched with the places that they accept: a bipartite matching that grows by augmenting
 * paths (H. Kuhn, 1955). It doesn't see that a party stays in one team: the split does.
 */
const slotFitter = (slots: readonly Slot[], wishesOf: (seeker: Seeker) => Wishes): SlotFitter => {
  let holders: (readonly number[])[][] = slots.map(() => []);
  // Who has no place beside some has none beside these and more.
  const refused = new Set<string>();

  const seat = (accepted: readonly number[], visited: Set<number>): boolean => {
    for (const index of accepted) {
      if (visited.has(index)) continue;
      visited.add(index);
      const held = holders[index] ?? [];
      if (held.length < (slots[index]?.places ?? 0)) {
        held.push(accepted);
        return true;
      }
      const mover = held.findIndex((other) => seat(other, visited));
      if (mover < 0) continue;
      held[mover] = accepted;
      return true;
    }
    return false;
  };

  return (seeker) => {
    const { accepted, key } = wishesOf(seeker);
    if (refused.has(key)) return false;
    const before = holders.map((held) => [...held]);
    for (const places of accepted) {
      if (seat(places, new Set())) continue;
      holders = before;
      refused.add(key);
      return false;
    }
    return true;
  };
};

/** Whether places differ for anybody: without roles and team names all fit alike. */
export const needsSlots = (queue: Queue, withNames: boolean): boolean => usesRoles(queue) || withNames;
