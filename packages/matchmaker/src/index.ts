export { matchmaker } from "./service.ts";
