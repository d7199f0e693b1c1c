import type { Diagnosis } from "@muster/store";

/** What the doctor found in all partitions, since the look that is the longest ago; undefined where it looked at none. */
export const sumDiagnoses = (found: readonly (Diagnosis | undefined)[]): Diagnosis | undefined => {
  const known = found.filter((each) => each !== undefined);
  if (known.length === 0) return undefined;
  return {
    at: Math.min(...known.map(({ at }) => at)),
    faults: known.reduce((sum, { faults }) => sum + faults, 0),
    told: known.flatMap(({ told }) => told),
  };
};
