export { commit } from "./commit.ts";
export { createCommitConnections } from "./commit-connections.ts";
export { mover } from "./service.ts";
