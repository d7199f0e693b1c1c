export { EXIT, EXIT_HELP, exitCodeOf } from "./exit-codes.ts";
export { type LoadProgress, runLoad } from "./load/load.ts";
export { LOAD_DEFAULTS, type LoadOptions } from "./load/options.ts";
export { type Person, readPopulation } from "./load/population.ts";
export { progressLine } from "./load/progress.ts";
export { isClean, type LoadReport } from "./load/report.ts";
export { Samples } from "./load/samples.ts";
export { exponential, seededRandom, shuffled } from "./load/seeded-random.ts";
export { gapAtMeanWait } from "./simulate/mean-wait-optimum.ts";
export { mean, quantile } from "./simulate/numbers.ts";
export { parseSimulateOptions } from "./simulate/options.ts";
export { runSimulation, type SimulationReport } from "./simulate/run-simulation.ts";
export {
  leaderOf,
  type RunningSystem,
  SystemError,
  type SystemEvent,
  type SystemOptions,
  type SystemProcess,
  startSystem,
} from "./up/index.ts";
export { findNginx, nginxArgs, writeNginxFiles } from "./up/nginx.ts";
export { findPorts } from "./up/ports.ts";
export { findRedis } from "./up/redis.ts";
