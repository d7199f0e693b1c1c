import type { LoadProgress } from "@muster/cli";

/** What a bench is, and what it finds. To add one: a file in benches/, and its line in benches/index.ts. */
export interface Bench {
  /** As on the command line, and of the file of its results. */
  name: string;
  /** One sentence for who reads the table. */
  about: string;
  /** Of all chance in it: each run offers the same. */
  seed: number;
  run(context: BenchContext): Promise<BenchResult>;
}

export interface BenchContext {
  /** Shorter, for a first look: its figures are worth less. */
  quick: boolean;
  seed: number;
  /** A folder of data that Muster doesn't ship, for the benches that replay it; absent: they leave that part out. */
  data?: string;
  /** Asks to end: every wait of a bench rejects with its reason. */
  signal: AbortSignal;
  /** Says what is being done. */
  say(text: string): void;
  /** Shows how far a load has come. */
  show(progress: LoadProgress): void;
}

export interface BenchResult {
  figures: Figures;
  /** Which figures the table shows, in order. */
  rows: Row[];
  goals: Goal[];
  /** What a reader must know to judge the figures, each a sentence. */
  notes: string[];
}

/** Measured values by their names, as they go into the JSON. Null: not measured. */
export interface Figures {
  [name: string]: number | null | Figures;
}

export interface Row {
  /** The way to the figure: `notifyMs.p99`. */
  figure: string;
  label: string;
  unit?: string;
}

/**
 * What a figure should be. An invariant holds however slow the machine is: a bench whose invariant is broken has failed,
 * while any other goal may be missed.
 */
export type Goal =
  | { figure: string; below: number }
  | { figure: string; atLeast: number }
  | { figure: string; exactly: number; isInvariant: boolean };

/** The figure at the end of that way; null when there is none. */
export const figureAt = (figures: Figures, way: string): number | null => {
  let found: Figures[string] | undefined = figures;
  for (const name of way.split(".")) {
    if (found === null || typeof found !== "object") return null;
    found = found[name];
  }
  return typeof found === "number" ? found : null;
};

/** A figure that wasn't measured reaches nothing. */
export const isReached = (goal: Goal, figures: Figures): boolean => {
  const measured = figureAt(figures, goal.figure);
  if (measured === null) return false;
  if ("below" in goal) return measured < goal.below;
  return "atLeast" in goal ? measured >= goal.atLeast : measured === goal.exactly;
};

/** The figures whose goal was missed. */
export const missedGoals = ({ goals, figures }: BenchResult): string[] =>
  goals.filter((goal) => !isReached(goal, figures)).map(({ figure }) => figure);

export const brokenInvariants = ({ goals, figures }: BenchResult): Goal[] =>
  goals.filter((goal) => "isInvariant" in goal && goal.isInvariant && !isReached(goal, figures));
