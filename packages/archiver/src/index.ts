export { archiver } from "./service.ts";
