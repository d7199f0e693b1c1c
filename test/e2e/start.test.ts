import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf, inconsistenciesOf, loadFor, NO_FAULTS } from "../support/system.ts";

const root = new URL("../../", import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a program of the repo to its end. */
const run = (args: readonly string[], env: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { cwd: root, env: { ...process.env, ...env }, timeout: 60_000 };
    const child = execFile(process.execPath, args, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });

describe("muster up", () => {
  it("--demo sends real players through it, reports, stops everything and ends with 0", async () => {
    const ports = ["--port", "18080", "--base-port", "17400", "--redis-port", "17379"];
    const data = join(folder, "demo");
    const args = ["packages/cli/src/main.ts", "up", "--demo", "--for", "5s", "--data", data, ...ports];
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/orchestrator-2 .*127\.0\.0\.1:17401/);
    expect(stdout).toMatch(/mover-\d .*leads/);
    expect(stdout).toMatch(/lost +│ +0 /);
    expect(stdout).toMatch(/duplicates +│ +0 /);
    await expect(fetch("http://127.0.0.1:18080/healthz")).rejects.toThrow();
  });

  it("refuses a faulty queues file before anything runs, with every fault and its path", async () => {
    const queues = join(folder, "queues.json");
    const text = await readFile(join(root, "queues.json"), "utf8");
    const faulty = JSON.parse(text);
    faulty.queues.duel.teams.count = 0;
    faulty.queues.team.steps[1].eloSpread = 5;
    faulty.queues.team.color = "red";
    await writeFile(queues, JSON.stringify(faulty));
    const { code, stderr } = await run(["packages/cli/src/main.ts", "up", "--queues", queues, "--data", folder]);
    expect(code).toBe(78);
    expect(stderr).toContain("/queues/duel/teams/count");
    expect(stderr).toContain("color");
  });
});

describe("a service", () => {
  it.each([
    "orchestrator/src",
    "orchestrator/src/sweeper",
    "matchmaker/src",
    "mover/src",
    "playserver/src",
    "monitor/src",
  ])("%s refuses a faulty environment and lists all faults at once", async (path) => {
    const bad = { MUSTER_PORT: "many", MUSTER_PARTITION: "No Good", MUSTER_LOG_LEVEL: "loud" };
    const { code, stderr } = await run([`packages/${path}/main.ts`], bad);
    expect(code).toBe(78);
    for (const name of Object.keys(bad)) expect(stderr).toContain(name);
  });
});

describe("all roles in one process", () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await startSystem({ single: true, logLevel: "silent" });
  });
  afterAll(() => system?.stop());

  it("match players as they do apart", async () => {
    const report = await loadFor(system, 3_000);
    expect(faultsOf(report)).toEqual(NO_FAULTS);
    expect(report.matched).toBeGreaterThan(report.enqueued * 0.8);
    expect(await inconsistenciesOf(system)).toEqual([]);
  });
});
