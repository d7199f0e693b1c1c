export { playserver } from "./service.ts";
export { createWatchRegistry, type Watcher } from "./watch-registry.ts";
