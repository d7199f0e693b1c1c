import { setTimeout as sleep } from "node:timers/promises";
import type { RunningSystem, SystemProcess } from "@muster/cli";
import { startTestRedis } from "@muster/store/testing";
import { expect, it } from "vitest";
import { underLoad } from "./under-load.ts";

/** Callers beside the load, who repeat nothing: whatever fails, fails for good. */
const CALLERS = 8;
const READY_LIMIT_MS = 30_000;
const BEHIND_NGINX = ["orchestrator", "playserver", "monitor"];
/** From when one of those is back until the next is asked to end: nginx tries again after a second (fail_timeout). */
const BETWEEN_MS = 1_500;

it("everything is restarted, one after the other, under load: no call fails, and nothing is lost", async () => {
  await using held = new AsyncDisposableStack();
  const redis = held.adopt(await startTestRedis(), (started) => started.stop());
  let answered = 0;
  const failed: string[] = [];
  const report = await underLoad(
    // A machine that is busy with other things is not to refuse anybody: this is about restarts.
    { redisUrl: redis.url, refereeUrl: redis.url, seed: 5, env: { MUSTER_MAX_DELAY_MS: "60000" } },
    async ({ system, clients, watchGap }) => {
      const stop = new AbortController();
      const callers = Array.from({ length: CALLERS }, async (_, caller) => {
        for (let round = 0; !stop.signal.aborted; round++) {
          const faults = await lifeOf(system.url, `roller-${caller}`, 1_000 + round);
          for (const fault of faults) {
            if (fault === undefined) answered += 1;
            else failed.push(fault);
          }
        }
      });
      const gap = watchGap();
      for (const { name, role } of system.processes.filter(({ role }) => role !== "redis" && role !== "nginx")) {
        await restart(system, name);
        if (BEHIND_NGINX.includes(role)) await sleep(BETWEEN_MS);
      }
      stop.abort();
      await Promise.all(callers);
      console.log(`${gap()} ms without a new match, ${answered} calls answered, ${failed.length} failed`);
      expect(clients.calls.filter(({ outcome }) => outcome === "unknown")).toEqual([]);
      // Whoever had to leave a playserver has found another at once.
      expect(clients.failedToConnect).toBe(0);
    },
  );
  console.log(`${report.matches} matches`, report.calls);
  expect(failed.slice(0, 10)).toEqual([]);
  expect(report.violations).toEqual([]);
  expect(answered).toBeGreaterThan(500);
  expect(report.matches).toBeGreaterThan(50);
}, 240_000);

/** Asks it to end, as an operator does, and waits until it is back. */
const restart = async (system: RunningSystem, name: string): Promise<void> => {
  const find = (): SystemProcess | undefined => system.processes.find((process) => process.name === name);
  const before = find()?.pid;
  find()?.kill("SIGTERM");
  await expect
    .poll(() => find()?.pid ?? before, { timeout: READY_LIMIT_MS, interval: 50, message: `${name} is back` })
    .not.toBe(before);
  await system.ready(READY_LIMIT_MS);
};

/** Makes calls of each kind, reads and those that change something, for a player who never finds enough others. */
const lifeOf = async (url: string, player: string, elo: number): Promise<(string | undefined)[]> => {
  const enqueued = await call(url, "POST", "/v1/queues/teams/tickets", { players: [{ id: player, elo }] });
  const ticket = `/v1/tickets/${enqueued.id ?? "t_none"}`;
  const others = [
    await call(url, "GET", `/v1/players/${player}`),
    await call(url, "GET", "/v1/queues/duel"),
    await call(url, "PATCH", ticket, { version: 1, players: [{ id: player, elo: elo + 1 }] }),
    await call(url, "DELETE", ticket),
  ];
  return [enqueued, ...others].map(({ fault }) => fault);
};

/** @returns the fault in words, if it was not answered as a service means to */
const call = async (
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ id?: string; fault?: string }> => {
  try {
    const response = await fetch(url + path, {
      method,
      signal: AbortSignal.timeout(10_000),
      ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return response.ok ? JSON.parse(text) : { fault: `${method} ${path}: ${response.status} ${text}` };
  } catch (error) {
    return { fault: `${method} ${path}: ${error}` };
  }
};
