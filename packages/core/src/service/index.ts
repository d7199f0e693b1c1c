export {
  baseSettings,
  type Env,
  portSetting,
  queuesFileSetting,
  readEnv,
  servedPartitionsSetting,
  storeSettings,
} from "./env.ts";
export { createLogger, type Logger, silentLogger } from "./logger.ts";
export { createMetrics, type Distribution, jobDelaySeconds, type Measure, type Metrics } from "./metrics.ts";
export { type OpsServer, type Readiness, startOpsServer } from "./ops-server.ts";
export { readQueues } from "./read-queues.ts";
export { parseRedisUrl, REDIS_URL_PATTERN, type RedisAddress, withoutLogin } from "./redis-url.ts";
export { createRequestIds } from "./request-id.ts";
export { type BaseConfig, EXIT_CONFIG, type Running, runProcess, type Service, startService } from "./run-process.ts";
export { isLoopback } from "./safe-host.ts";
export { servedPartitions } from "./served-partitions.ts";
export { systemClock, systemIds, systemRandom } from "./system.ts";
export { openTracing, type Tracing, type TracingConfig, traceOf, tracingSettings } from "./tracing.ts";
export { VERSION } from "./version.ts";
