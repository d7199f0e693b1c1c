export { search } from "./search.ts";
export { matchmaker } from "./service.ts";
