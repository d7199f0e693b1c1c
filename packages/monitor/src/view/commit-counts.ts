import type { ServiceView } from "./frames.ts";

/** What movers have counted since they began, in all and by queue. */
interface Counts {
  matches: number;
  conflicts: number;
  byQueue: ReadonlyMap<string, number>;
}

export interface Commits {
  matches: number;
  conflicts: number;
  /** Conflicts by queue; only those that had any. */
  byQueue: ReadonlyMap<string, number>;
}

const CONFLICTS_OF = "conflicts:";

/** What movers have committed between two looks, out of what they count since their start. */
export class CommitCounts {
  #before = countsOf([]);

  /** @returns what was committed since the call before; a mover that began anew counts from 0 */
  since(services: readonly ServiceView[]): Commits {
    const now = countsOf(services);
    const before = this.#before;
    this.#before = now;
    const grown = (is: number, was = 0) => Math.max(0, is - was);
    return {
      matches: grown(now.matches, before.matches),
      conflicts: grown(now.conflicts, before.conflicts),
      byQueue: new Map(
        [...now.byQueue].flatMap(([queue, count]): [string, number][] => {
          const more = grown(count, before.byQueue.get(queue));
          return more > 0 ? [[queue, more]] : [];
        }),
      ),
    };
  }
}

const countsOf = (services: readonly ServiceView[]): Counts => {
  const counts = { matches: 0, conflicts: 0, byQueue: new Map<string, number>() };
  for (const { role, figures } of services) {
    if (role !== "mover") continue;
    counts.matches += Number(figures.matches ?? 0);
    counts.conflicts += Number(figures.conflicts ?? 0);
    for (const [figure, value] of Object.entries(figures)) {
      if (!figure.startsWith(CONFLICTS_OF)) continue;
      const queue = figure.slice(CONFLICTS_OF.length);
      counts.byQueue.set(queue, (counts.byQueue.get(queue) ?? 0) + Number(value));
    }
  }
  return counts;
};

/** Of what was proposed, 0 to 1; null when nothing was. */
export const conflictShareOf = ({ matches, conflicts }: Pick<Commits, "matches" | "conflicts">): number | null =>
  matches + conflicts === 0 ? null : conflicts / (matches + conflicts);
