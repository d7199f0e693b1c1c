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

/** The places that each player of a ticket accepts, by their index, and texts that are equal for equal ones. */
interface Wishes {
  readonly accepted: readonly (readonly number[])[];
  /** Of each player. */
  readonly keys: readonly string[];
  /** Of the ticket. */
  readonly key: string;
}

/** What one search knows of places. */
export interface Slots {
  /** For a match that is empty yet. */
  newFitter(): SlotFitter;
  /**
   * Whether so many players of these tickets can have a place at all, were each by itself. Where they can't, no match
   * has so many of them: the others are too many for their role, and whoever has another is missing.
   */
  canSeat(players: number, seekers: Iterable<Seeker>): boolean;
}

/** What each ticket accepts is found out once for a search, for a crowd that suits nobody asks often. */
export const slotsOf = (queue: Queue): Slots => {
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
      wishes = { accepted, keys: accepted.map(String), key: accepted.join("|") };
      known.set(seeker, wishes);
    }
    return wishes;
  };
  return {
    newFitter: () => slotFitter(slots, wishesOf),
    canSeat: (players, seekers) => {
      const seating = newSeating(slots);
      const refused = new Set<string>();
      let seated = 0;
      for (const seeker of seekers) {
        const { accepted, keys } = wishesOf(seeker);
        for (const [index, places] of accepted.entries()) {
          const key = keys[index] ?? "";
          if (refused.has(key)) continue;
          if (!seating.seat(places)) refused.add(key);
          else if (++seated >= players) return true;
        }
      }
      return false;
    },
  };
};

/** Players in places that they accept, by their index: a bipartite matching that grows by augmenting paths (H. Kuhn, 1955). */
const newSeating = (slots: readonly Slot[]) => {
  let holders: (readonly number[])[][] = slots.map(() => []);
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
  return {
    /** One more player, where the others can make room; who once has a place keeps some. */
    seat: (accepted: readonly number[]): boolean => seat(accepted, new Set()),
    /** @returns what brings back those who have places now */
    save: () => {
      const before = holders.map((held) => [...held]);
      return () => {
        holders = before;
      };
    },
  };
};

/** Tickets whole or not at all. It doesn't see that a party stays in one team: the split does. */
const slotFitter = (slots: readonly Slot[], wishesOf: (seeker: Seeker) => Wishes): SlotFitter => {
  const seating = newSeating(slots);
  // Who has no place beside some has none beside these and more.
  const refused = new Set<string>();
  return (seeker) => {
    const { accepted, key } = wishesOf(seeker);
    if (refused.has(key)) return false;
    const restore = seating.save();
    for (const places of accepted) {
      if (seating.seat(places)) continue;
      restore();
      refused.add(key);
      return false;
    }
    return true;
  };
};

/** Whether places differ for anybody: without roles and team names all fit alike. */
export const needsSlots = (queue: Queue, withNames: boolean): boolean => usesRoles(queue) || withNames;
