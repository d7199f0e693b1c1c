import { matchSize, type Queue, stepFor } from "@muster/core";

interface Searched {
  readonly elo: number;
  readonly tries: number;
}

export interface SearchGroup<Ticket extends Searched> {
  serve: Ticket[];
  range: { low: number; high: number; centre: number; limit: number };
}

// As the orchestrator's neighbourhoods, which this package can't import; a test sees to it that they agree.
const MAX_SERVED = 50;
const MAX_WIDTH = 150;
const MIN_CANDIDATES = 100;

/** Tickets that are searched for at one time, as the searches that an orchestrator makes of them. */
export const searchGroups = <Ticket extends Searched>(
  queue: Queue,
  tickets: readonly Ticket[],
): SearchGroup<Ticket>[] => {
  const groups: Ticket[][] = [];
  for (const ticket of tickets.toSorted((a, b) => a.elo - b.elo)) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && group.length < MAX_SERVED && ticket.elo - first.elo <= MAX_WIDTH) group.push(ticket);
    else groups.push([ticket]);
  }
  return groups.map((serve) => {
    const spreads = serve.map(({ tries }) => stepFor(queue, tries).eloSpread ?? Infinity);
    const low = Math.min(...serve.map(({ elo }, index) => elo - (spreads[index] ?? 0)));
    const high = Math.max(...serve.map(({ elo }, index) => elo + (spreads[index] ?? 0)));
    const centre = serve.reduce((sum, { elo }) => sum + elo, 0) / serve.length;
    const limit = Math.max(MIN_CANDIDATES, 8 * matchSize(queue)) + serve.length * matchSize(queue);
    return { serve, range: { low, high, centre, limit } };
  });
};
