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

/**
 * More share no range: the first ones to be handed out would wait for too many others. With fewer, a crowd is read, and told
 * the matchmakers, several times over, since each range has the same candidates beside those to serve.
 */
const MAX_SERVED = 100;
/** Tickets further apart than this share too little of a range to be read together. */
const MAX_WIDTH = 150;
/** Candidates to read for few tickets; each served ticket adds a match's worth. */
const MIN_CANDIDATES = 100;

/** Groups tickets by elo; each group with the range that all its tickets accept together. */
export const neighbourhoods = <Ticket extends Neighbour>(
  queue: Queue,
  tickets: readonly Ticket[],
): Neighbourhood<Ticket>[] => {
  const groups: Ticket[][] = [];
  for (const ticket of tickets.toSorted((a, b) => a.elo - b.elo)) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group && first && group.length < MAX_SERVED && ticket.elo - first.elo <= MAX_WIDTH) group.push(ticket);
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
  // Where a group is full its tickets lie close together: each finds another of them, besides itself.
  const othersOfMatch = serve.length < MAX_SERVED ? matchSize(queue) : matchSize(queue) - 2;
  const limit = Math.max(MIN_CANDIDATES, 8 * matchSize(queue)) + serve.length * othersOfMatch;
  return { low, high, centre: sum / serve.length, limit };
};
