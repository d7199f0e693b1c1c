export { mover } from "./service.ts";
