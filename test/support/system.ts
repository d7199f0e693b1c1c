import { LOAD_DEFAULTS, type LoadOptions, type LoadReport, type RunningSystem, runLoad } from "@muster/cli";
import { systemClock } from "@muster/core/service";
import { connect, createKeys, disconnect } from "@muster/store";
import { findInconsistencies } from "@muster/store/testing";

/** What is inconsistent in a partition of the system's Redis; for a system that rests. */
export const inconsistenciesOf = async (system: RunningSystem, partition = "main"): Promise<string[]> => {
  const redis = connect(system.redisUrl, "test-doctor", partition);
  await redis.connect();
  try {
    return await findInconsistencies(redis, createKeys(partition));
  } finally {
    await disconnect(redis);
  }
};

/** Real players for some seconds; resolves with the report when all is settled. */
export const loadFor = (
  system: RunningSystem,
  forMs: number,
  options: Partial<LoadOptions> = {},
): Promise<LoadReport> =>
  runLoad(
    { ...LOAD_DEFAULTS, url: system.url, rate: 150, forMs, cancelShare: 0.05, matchForMs: 1_000, seed: 7, ...options },
    { clock: systemClock },
  );

/** Of a report, what must be 0 whatever happens, with the first cases in words. */
export const faultsOf = ({ lost, duplicates, invalid, examples }: LoadReport) => ({
  lost,
  duplicates,
  invalid,
  examples,
});
export const NO_FAULTS = { lost: 0, duplicates: 0, invalid: 0, examples: [] };

export const processNamed = (system: RunningSystem, name: string) => {
  const found = system.processes.find((process) => process.name === name);
  if (!found) throw new Error(`no process ${name} among ${system.processes.map((process) => process.name).join(", ")}`);
  return found;
};
