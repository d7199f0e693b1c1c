export { leaderOf } from "./leader.ts";
export { type RunningSystem, type SystemEvent, type SystemOptions, type SystemProcess, startSystem } from "./system.ts";
export { SystemError } from "./system-error.ts";
