import { matchSize, type Queue, stepFor } from "@muster/core";

/** A ticket that a search must serve: its mean elo, and its effective tries (see `effectiveTries`). */
export interface Neighbour {
  readonly elo: number;
  readonly tries: number;
}

/** Tickets that lie so near each other that one range serves them all. */
export interface Neighbourhood<Ticket extends Neighbour> {
  /** Lowest elo first. */
  serve: Ticket[];
  /** Elos within which others may suit them; of these the nearest to the centre, up to so many tickets. */
  range: { low: number; high: number; centre: number; limit: number };
}

/** A job costs its queue as much as some 30 kB of it do, so under load one carries many tickets. */
const MAX_SERVED = 200;
/** Tickets further apart than this share too little of a range to be read together, */
const MAX_WIDTH = 150;
/** unless there are so many that the jobs would cost more than the wider ranges do. */
const MANY = 50;
const MAX_WIDTH_OF_MANY = 400;
/** Candidates to read for few tickets in up to MAX_WIDTH; each served ticket adds a match's worth. */
const MIN_CANDIDATES = 100;

/** Groups tickets by elo; each group with the range that all its tickets accept together. */
export const neighbourhoods = <Ticket extends Neighbour>(
  queue: Queue,
  tickets: readonly Ticket[],
): Neighbourhood<Ticket>[] => {
  const groups: Ticket[][] = [];
  const maxWidth = tickets.length > MANY ? MAX_WIDTH_OF_MANY : MAX_WIDTH;
  for (const ticket of tickets.toSorted((a, b) => a.elo - b.elo)) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && group.length < MAX_SERVED && ticket.elo - first.elo <= maxWidth) group.push(ticket);
    else groups.push([ticket]);
  }
  return groups.map((serve) => ({ serve, range: rangeOf(queue, serve) }));
};

const rangeOf = (queue: Queue, serve: readonly Neighbour[]): Neighbourhood<Neighbour>["range"] => {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (const { elo, tries } of serve) {
    const spread = stepFor(queue, tries).eloSpread ?? Infinity;
    low = Math.min(low, elo - spread);
    high = Math.max(high, elo + spread);
    sum += elo;
  }
  // As dense over a wide group as over a narrow one: those at its edges have as many to choose from.
  const width = (serve.at(-1)?.elo ?? 0) - (serve[0]?.elo ?? 0);
  const candidates = Math.max(MIN_CANDIDATES, 8 * matchSize(queue)) * Math.max(1, width / MAX_WIDTH);
  const limit = Math.ceil(candidates) + serve.length * matchSize(queue);
  return { low, high, centre: sum / serve.length, limit };
};
