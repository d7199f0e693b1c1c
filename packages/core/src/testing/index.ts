export { MATCHES, OPERATIONS, type OperationName, TABLE } from "../match-life/test-life.ts";
export { queueOf } from "../match-life/test-matches.ts";
export { type Collector, startCollector } from "./collector.ts";
