import { setTimeout as sleep } from "node:timers/promises";
import { leaderOf, type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf, inconsistenciesOf, loadFor, NO_FAULTS, processNamed } from "../support/system.ts";

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system?.stop());

const leader = async () => {
  const found = await leaderOf(system.processes);
  if (!found) throw new Error("no mover leads");
  return found;
};

/** Loads the system, lets the fault happen in the middle, and expects that nothing got lost and nothing is double. */
const underLoad = async (fault: () => Promise<void> | void) => {
  const running = loadFor(system, 5_000, { graceMs: 5_000 });
  // A fault in the middle: some tickets wait, some are being committed, some matches run.
  await sleep(2_000);
  await fault();
  const report = await running;
  await system.ready();
  expect(faultsOf(report)).toEqual(NO_FAULTS);
  expect(report.matched).toBeGreaterThan(report.enqueued * 0.8);
  expect(await inconsistenciesOf(system)).toEqual([]);
  return report;
};

/** kill -9; the supervisor starts it again. */
const kill = (name: string) => {
  expect(processNamed(system, name).kill("SIGKILL")).toBe(true);
};

const socketsOf = (body: unknown): number =>
  typeof body === "object" && body !== null && "sockets" in body ? Number(body.sockets) : 0;

describe("under load, nothing is lost and nothing is double when", () => {
  it("a matchmaker is killed", () => underLoad(() => kill("matchmaker-1")));

  it("both matchmakers are killed", () =>
    underLoad(() => {
      kill("matchmaker-1");
      kill("matchmaker-2");
    }));

  it("the leading mover is killed, and a standby leads within a few seconds", async () => {
    let former = "";
    await underLoad(async () => {
      former = (await leader()).name;
      kill(former);
      await expect.poll(async () => (await leaderOf(system.processes))?.name, { timeout: 5_000 }).not.toBe(undefined);
    });
  });

  it("a playserver is killed: its watchers connect to the other one and end on the newest states", async () => {
    const report = await underLoad(async () => {
      const playservers = system.processes.filter(({ role }) => role === "playserver");
      const probes = await Promise.all(playservers.map((playserver) => playserver.probe()));
      const watched = playservers.find((_, index) => socketsOf(probes[index]?.body) > 0);
      kill(watched?.name ?? "no playserver has the load's socket");
    });
    expect(report.reconnects).toBe(1);
  });

  it("an orchestrator is killed", () => underLoad(() => kill("orchestrator-1")));

  it("the sweeper is killed", () => underLoad(() => kill("sweeper-1")));

  it("nginx is killed", () => underLoad(() => kill("nginx")));

  it("the leading mover is paused for longer than its lease and wakes as a former leader", () =>
    underLoad(async () => {
      const former = await leader();
      former.kill("SIGSTOP");
      await expect
        .poll(
          async () => {
            const now = await leaderOf(system.processes.filter(({ name }) => name !== former.name));
            return now?.name;
          },
          { timeout: 8_000 },
        )
        .toMatch(/^mover-/);
      former.kill("SIGCONT");
      await expect.poll(async () => (await leader()).name, { timeout: 5_000 }).not.toBe(former.name);
    }));

  it("Redis is killed and comes back with its append-only file", () => underLoad(() => kill("redis")));
});
