// Loaded into each service before it starts: its clock is off by what its file in MUSTER_TEST_CLOCKS says, in ms,
// from its start on as well as when that changes while it runs.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const file = join(process.env.MUSTER_TEST_CLOCKS ?? "", process.env.MUSTER_NAME ?? "none");
const real = Date.now;
const read = () => {
  try {
    return Number(readFileSync(file, "utf8")) || 0;
  } catch {
    return 0;
  }
};
let offsetMs = read();
setInterval(() => {
  offsetMs = read();
}, 200).unref();
Date.now = () => real() + offsetMs;
// What a process began with stays as it was.
const timeOrigin = performance.timeOrigin + offsetMs;
Object.defineProperty(performance, "timeOrigin", { get: () => timeOrigin });
