export { endRated } from "./end-rated.ts";
export { orchestrator } from "./service.ts";
export { sweeper } from "./sweeper/service.ts";
