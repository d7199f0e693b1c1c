export { commitAll, proposalFor } from "./commit-tickets.ts";
export { endOfMatch } from "./end-of-match.ts";
export { findInconsistencies } from "./find-inconsistencies.ts";
export { openTestStore, type TestStore } from "./open-test-store.ts";
export { startTestCluster, type TestCluster } from "./redis-cluster.ts";
export { startTestSentinels, type TestSentinels } from "./redis-sentinels.ts";
export { startTestRedis, type TestRedis, type TestRedisOptions } from "./redis-server.ts";
export { anyEntry, sampleInstant, sampleInstantQueue } from "./sample-instant.ts";
export { duelProposal, sampleQueue, solo } from "./sample-tickets.ts";
