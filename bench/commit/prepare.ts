import { matchSize, type Proposal, type Queue, type Ticket } from "@muster/core";
import { systemIds } from "@muster/core/service";
import type { Store } from "@muster/store";
import { proposalFor } from "@muster/store/testing";
import type { Crowd } from "../pipeline/crowd.ts";

const TICKETS_PER_CALL = 50;
const CALLS = 4;

/** Enqueues solo players for so many full matches. @returns a proposal for each match */
export const prepareProposals = async (
  store: Store,
  queue: Queue,
  crowd: Crowd,
  matches: number,
): Promise<Proposal[]> => {
  const perMatch = matchSize(queue);
  const tickets: Ticket[] = [];
  let next = 0;
  const some = async () => {
    while (next < matches * perMatch) {
      const from = next;
      next = Math.min(matches * perMatch, from + TICKETS_PER_CALL);
      const news = Array.from({ length: next - from }, (_, n) => ({
        id: systemIds.ticket(),
        request: { players: [{ id: crowd.id(from + n), ...crowd.person(from + n) }] },
      }));
      const outcomes = await store.enqueueTickets(queue, news);
      news.forEach(({ id, request }, index) => {
        const outcome = outcomes[index];
        if (outcome?.outcome !== "queued") throw new Error(`a player was not queued: ${outcome?.outcome}`);
        const { createdAt, expiresAt, tries } = outcome;
        tickets.push({ id, queue: queue.name, status: "queued", version: 1, tries, createdAt, expiresAt, ...request });
      });
    }
  };
  await Promise.all(Array.from({ length: CALLS }, some));
  return Array.from({ length: matches }, (_, index) =>
    proposalFor(queue, systemIds.match(), tickets.slice(index * perMatch, (index + 1) * perMatch)),
  );
};
