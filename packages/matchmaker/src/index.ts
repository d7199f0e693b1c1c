export { createRecentlyProposed } from "./recently-proposed.ts";
export { search } from "./search.ts";
export { matchmaker } from "./service.ts";
