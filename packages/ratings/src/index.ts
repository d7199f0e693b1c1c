export { type RatedPlayer, type Results, rate } from "./rate.ts";
