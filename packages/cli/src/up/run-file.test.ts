import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { endLeftovers } from "./leftovers.ts";
import { processStart } from "./process-start.ts";
import { takeRunFile } from "./run-file.ts";
import { SystemError } from "./system-error.ts";

const NOW = new Date("2026-01-02T03:04:05Z");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-run-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a run leaves that was killed: its own pid is gone, or belongs to somebody else by now. */
const leaveBehind = (stages: unknown) =>
  writeFileSync(join(folder, "up.json"), JSON.stringify({ pid: process.pid, start: "another", since: "", stages }));

it("keeps a second run off the same directory, and says who holds it", () => {
  const runFile = takeRunFile(folder, NOW);
  expect(() => takeRunFile(folder, NOW)).toThrow(SystemError);
  expect(() => takeRunFile(folder, NOW)).toThrow(`process ${process.pid}, since 2026-01-02T03:04:05.000Z`);
  runFile.release();
  takeRunFile(folder, NOW).release();
  expect(existsSync(join(folder, "up.json"))).toBe(false);
});

it("is taken over from a run that was killed, with those who still run", async () => {
  const left = spawn("sleep", ["60"], { stdio: "ignore", detached: true });
  const gone = once(left, "exit");
  const pid = left.pid ?? 0;
  const nginx = { name: "nginx", pid, start: "a process of the same pid, long ago" };
  const redis = { name: "redis", pid, start: processStart(pid) ?? "" };
  leaveBehind([[nginx], [], [redis]]);

  const runFile = takeRunFile(folder, NOW);
  expect(runFile.leftovers).toEqual([[redis]]);
  await endLeftovers(runFile.leftovers);
  expect(await gone).toEqual([null, "SIGTERM"]);
});

it("is taken over when nobody can read it", () => {
  writeFileSync(join(folder, "up.json"), "{");
  expect(takeRunFile(folder, NOW).leftovers).toEqual([]);
});

it("tells the next run what this one recorded", () => {
  const runFile = takeRunFile(folder, NOW);
  runFile.record([[{ name: "nginx", pid: process.pid }], []]);
  expect(() => takeRunFile(folder, NOW)).toThrow(SystemError);
});
