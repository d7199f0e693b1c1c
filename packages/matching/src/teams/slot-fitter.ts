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

/**
 * Keeps the players of a match matched with the places that they accept: a bipartite matching that grows by augmenting
 * paths (H. Kuhn, 1955). It doesn't see that a party stays in one team: the split does.
 */
export const slotFitter = (queue: Queue): SlotFitter => {
  const slots = queue.teamShapes.flatMap(({ name, max, roles }): Slot[] =>
    roles
      ? Object.entries(roles).map(([role, places]) => ({ team: name, role, places }))
      : [{ team: name, role: undefined, places: max }],
  );
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

  return ({ ticket, criteria }) => {
    const before = holders.map((held) => [...held]);
    for (const { roles } of ticket.players) {
      const accepted = slots.flatMap(({ team, role }, index) => {
        const isAccepted =
          (ticket.teams?.includes(team) ?? true) &&
          (role === undefined || criteria.autofill || (roles?.includes(role) ?? true));
        return isAccepted ? [index] : [];
      });
      if (seat(accepted, new Set())) continue;
      holders = before;
      return false;
    }
    return true;
  };
};

/** Whether places differ for anybody: without roles and team names all fit alike. */
export const needsSlots = (queue: Queue, seekers: readonly Seeker[]): boolean =>
  usesRoles(queue) || seekers.some(({ ticket }) => ticket.teams !== undefined);
