import type { BenchContext, Figures } from "../../bench.ts";
import type { BenchSystem } from "../../system.ts";
import { type Outcome, playWave } from "./play-wave.ts";
import { readWaves } from "./read-waves.ts";

/** Everybody of an evening is there at once, so a look around before the first claim pays. */
const LOOK_MS = 250;
/** As clients do unless told otherwise. */
const DEFAULT_LOOK_MS = 20;
const SPREAD_MS = 5_000;

/** Each wave's people come, by themselves, to Muster: all at once, and then again one by one within five seconds. */
export const replay = async (
  { data = "", quick, say, signal }: BenchContext,
  system: BenchSystem,
): Promise<Figures> => {
  const waves = await readWaves(data);
  const together: Outcome[] = [];
  const spread: Outcome[] = [];
  for (const wave of waves) {
    signal.throwIfAborted();
    say(`replaying wave ${wave.name}: ${wave.people.length} people`);
    const urls = [system.url];
    together.push(await playWave(wave, { urls, name: "all", lookMs: LOOK_MS, spreadMs: 0, signal }));
    if (quick) continue;
    spread.push(await playWave(wave, { urls, name: "spread", lookMs: DEFAULT_LOOK_MS, spreadMs: SPREAD_MS, signal }));
  }
  return {
    waves: waves.length,
    people: waves.reduce((sum, { people }) => sum + people.length, 0),
    maximumShare: mean(together.map(({ maximum }) => maximum)),
    ...{ share: mean(together.map(({ share }) => share)), gapPoints: gapOf(together) },
    ...(!quick && { spreadShare: mean(spread.map(({ share }) => share)), spreadGapPoints: gapOf(spread) }),
    unmutual: [...together, ...spread].reduce((sum, { unmutual }) => sum + unmutual, 0),
    unsettled: [...together, ...spread].reduce((sum, { unsettled }) => sum + unsettled, 0),
  };
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Percentage points below a maximum matching, mean over the waves. */
export const gapOf = (outcomes: readonly Outcome[]): number =>
  100 * mean(outcomes.map(({ share, maximum }) => maximum - share));
