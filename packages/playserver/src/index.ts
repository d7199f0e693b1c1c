export { playserver } from "./service.ts";
