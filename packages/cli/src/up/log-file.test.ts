import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lastLines, logEnd, trimLog } from "./log-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-log-"));
  file = join(folder, "a.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

it("gives the last lines, and only those after a point", () => {
  writeFileSync(file, "an earlier run\n");
  const from = logEnd(file);
  appendFileSync(file, Array.from({ length: 2_000 }, (_, line) => `line ${line}\n`).join(""));
  expect(lastLines(file, from, 2)).toBe("line 1998\nline 1999");
  writeFileSync(file, "an earlier run\nthis run\n");
  expect(lastLines(file, from)).toBe("this run");
});

it("has no lines when there is no file, or when it became shorter", () => {
  expect(lastLines(file)).toBe("");
  writeFileSync(file, "short\n");
  expect(lastLines(file, 1_000)).toBe("");
});

it("empties a log only past 10 MiB", () => {
  writeFileSync(file, "");
  truncateSync(file, 10 * 1024 * 1024);
  trimLog(file);
  expect(logEnd(file)).toBe(10 * 1024 * 1024);
  truncateSync(file, 10 * 1024 * 1024 + 1);
  trimLog(file);
  expect(logEnd(file)).toBe(0);
});
