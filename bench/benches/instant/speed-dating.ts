export { MOST_PEOPLE, type Outcome, playWave } from "./play-wave.ts";
export { isMutual, maximumPairs, readWaves, type Wave } from "./read-waves.ts";
export { gapOf } from "./replay.ts";
