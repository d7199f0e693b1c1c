import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemRandom } from "@muster/core/service";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { leaderOf } from "./leader.ts";
import { findPorts } from "./ports.ts";
import { processStart } from "./process-start.ts";
import { type RunningSystem, System, type SystemEvent, startSystem } from "./system.ts";

// Whole systems, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const FEW = { orchestrators: 1, sweepers: 0, matchmakers: 0, movers: 1, playservers: 1, logLevel: "warn" };

let folder: string;
let system: RunningSystem | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-system-"));
});
afterEach(async () => {
  await system?.stop();
  system = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const statusOf = async (url: string) => (await fetch(url)).status;

describe.each([
  { kind: "of many processes", single: false },
  { kind: "of one process", single: true },
])("a system $kind", ({ single }) => {
  it("is reached through nginx once it has started, and leaves nothing when it has stopped", async () => {
    system = await startSystem({ ...FEW, single });
    const { url, dataDir, processes } = system;
    expect(await statusOf(`${url}/readyz`)).toBe(200);
    expect(await statusOf(`${url}/v1/queues`)).toBe(200);
    expect(await statusOf(`${url}/`)).toBe(200);
    await expect.poll(() => leaderOf(processes), { timeout: 10_000 }).toMatchObject({ name: "mover-1" });
    const pids = processes.map(({ pid }) => pid ?? 0).filter((pid) => pid !== process.pid);
    expect(pids).toHaveLength(single ? 2 : 6);

    await system.stop();
    expect(pids.map(processStart).filter((start) => start !== undefined)).toEqual([]);
    expect(existsSync(dataDir)).toBe(false);
  });
});

it("starts again whoever is killed, and tells", async () => {
  const events: SystemEvent[] = [];
  system = await startSystem({ ...FEW, onEvent: (event) => events.push(event) });
  const names = ["redis", "orchestrator-1", "nginx"];
  const victims = system.processes.filter(({ name }) => names.includes(name));
  const before = victims.map(({ pid }) => pid);
  for (const victim of victims) expect(victim.kill("SIGKILL")).toBe(true);
  await expect.poll(() => events.length, { timeout: 10_000 }).toBe(3);
  await system.ready();
  expect(events.map((event) => event.kind === "died" && event.name).toSorted()).toEqual(names.toSorted());
  expect(victims.filter(({ pid }, index) => pid === undefined || pid === before[index])).toEqual([]);
  expect(await statusOf(`${system.url}/v1/queues`)).toBe(200);
});

it("ends with what a service says that refuses its configuration, and with nothing running", async () => {
  const refused = startSystem({ ...FEW, data: folder, partition: "Not A Partition" });
  await expect(refused).rejects.toMatchObject({
    faultyConfig: true,
    message: expect.stringMatching(/refuses its configuration:\n[\s\S]*MUSTER_PARTITION/),
  });
  expect(existsSync(join(folder, "up.json"))).toBe(false);
});

it("checks the queues before it starts anything", async () => {
  const queues = join(folder, "queues.json");
  writeFileSync(queues, `{"queues": {"Duel": {}}}`);
  const data = join(folder, "data");
  await expect(startSystem({ ...FEW, data, queues })).rejects.toMatchObject({ faultyConfig: true });
  expect(existsSync(data)).toBe(false);
});

it("names ports that others use, before it starts anything", async () => {
  const port = await findPorts(1, systemRandom);
  const server: Server = createServer().listen(port, "127.0.0.1");
  await expect(startSystem({ ...FEW, data: folder, port })).rejects.toThrow(
    `127.0.0.1:${port} for nginx: another program uses it; choose another with --port (MUSTER_PORT)`,
  );
  server.close();
  expect(existsSync(join(folder, "redis"))).toBe(false);
});

it("says that a Redis which others should run is not there", async () => {
  const redisUrl = "redis://127.0.0.1:1";
  await expect(startSystem({ ...FEW, redisUrl, readyWithinMs: 100 })).rejects.toThrow(
    "redis says: connect ECONNREFUSED",
  );
});

it("can be stopped in the middle of its start", async () => {
  const half = await System.create({ ...FEW, data: folder });
  const started = half.start();
  started.catch(() => {});
  await expect.poll(() => half.processes.length).toBeGreaterThan(0);
  await half.stop();
  await expect(started).rejects.toThrow("stopped before everything was ready");
  expect(half.processes.map(({ pid }) => pid).filter((pid) => pid !== undefined)).toEqual([]);
});
