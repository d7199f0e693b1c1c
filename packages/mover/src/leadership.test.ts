import { silentLogger } from "@muster/core/service";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Leadership, startLeadership } from "./leadership.ts";

const LEASE_MS = 1_000;

/** A lease as Redis keeps it, on the fake clock. */
const createLease = () => {
  let holder: string | undefined;
  let until = 0;
  return {
    gone: false,
    async holdLease(token: string, holdMs: number) {
      if (this.gone) throw new Error("Redis is gone");
      if (holder !== undefined && Date.now() < until && holder !== token) return "other" as const;
      const answer = holder === token && Date.now() < until ? ("renewed" as const) : ("taken" as const);
      holder = token;
      until = Date.now() + holdMs;
      return answer;
    },
    async leaseLeftMs() {
      if (this.gone) throw new Error("Redis is gone");
      return holder === undefined ? 0 : Math.max(0, until - Date.now());
    },
    async releaseLease(token: string) {
      if (holder === token) holder = undefined;
    },
  };
};

const started: Leadership[] = [];
const start = (store: ReturnType<typeof createLease>, token: string, yields?: () => boolean) => {
  const log: string[] = [];
  const lead = () => {
    log.push("lead");
    return async () => void log.push("stop");
  };
  const leadership = startLeadership({
    store,
    token,
    leaseMs: LEASE_MS,
    log: silentLogger,
    lead,
    getReady: () => void (log.at(-1) !== "ready" && log.push("ready")),
    standEasy: () => void (log.at(-1) === "ready" && log.push("at ease")),
    ...(yields && { yields }),
  });
  started.push(leadership);
  return { leadership, log };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await Promise.all(started.splice(0).map((leadership) => leadership.close()));
  vi.useRealTimers();
});

it("one of two movers leads, the other stands by", async () => {
  const lease = createLease();
  const [a, b] = [start(lease, "a"), start(lease, "b")];
  await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
  expect([a.leadership.isLeader(), b.leadership.isLeader()]).toEqual([true, false]);
  expect([a.log, b.log]).toEqual([["lead"], []]);
});

it("a standby leads soon after the leader has stopped, without waiting for the lease to run out", async () => {
  const lease = createLease();
  const [a, b] = [start(lease, "a"), start(lease, "b")];
  await vi.advanceTimersByTimeAsync(LEASE_MS);
  await a.leadership.close();
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
  expect(a.log).toEqual(["lead", "stop"]);
  expect(b.leadership.isLeader()).toBe(true);
});

it("a standby leads as soon as the lease of a leader that died runs out", async () => {
  const lease = createLease();
  await lease.holdLease("dead", LEASE_MS + 130);
  const [standby, full] = [start(lease, "standby"), start(lease, "full", () => true)];
  await vi.advanceTimersByTimeAsync(LEASE_MS + 129);
  expect(standby.leadership.isLeader()).toBe(false);
  await vi.advanceTimersByTimeAsync(5);
  expect([standby.leadership.isLeader(), full.leadership.isLeader()]).toEqual([true, false]);
});

it("a standby gets ready while the leader is late, well before it has to lead, and not while the leader renews", async () => {
  const renewed = createLease();
  const [, idle] = [start(renewed, "leader"), start(renewed, "standby")];
  await vi.advanceTimersByTimeAsync(5 * LEASE_MS);
  expect(idle.log).toEqual([]);

  const late = createLease();
  await late.holdLease("dead", LEASE_MS);
  const [standby, full] = [start(late, "standby"), start(late, "full", () => true)];
  await vi.advanceTimersByTimeAsync(LEASE_MS / 2);
  expect([standby.log, full.log]).toEqual([[], []]);
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
  expect([standby.log, full.log]).toEqual([["ready"], ["ready"]]);
  await late.holdLease("dead", LEASE_MS);
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
  expect([standby.log, full.log]).toEqual([
    ["ready", "at ease"],
    ["ready", "at ease"],
  ]);
});

it("one that leads its share takes the lease of a leader that died a beat later", async () => {
  const lease = createLease();
  await lease.holdLease("dead", LEASE_MS + 130);
  const full = start(lease, "full", () => true);
  await vi.advanceTimersByTimeAsync(LEASE_MS + 140);
  expect(full.leadership.isLeader()).toBe(false);
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
  expect(full.leadership.isLeader()).toBe(true);
});

it("a leader that can't renew for as long as its lease holds steps down, and leads again later", async () => {
  const lease = createLease();
  const { leadership, log } = start(lease, "a");
  await vi.advanceTimersByTimeAsync(LEASE_MS);
  lease.gone = true;
  await vi.advanceTimersByTimeAsync(LEASE_MS / 2);
  expect(leadership.isLeader()).toBe(true);
  await vi.advanceTimersByTimeAsync(LEASE_MS);
  expect(leadership.isLeader()).toBe(false);
  lease.gone = false;
  await vi.advanceTimersByTimeAsync(LEASE_MS);
  expect(log).toEqual(["lead", "stop", "lead"]);
});

it("a leader whose lease another one took steps down at its next beat", async () => {
  const lease = createLease();
  const { leadership, log } = start(lease, "a");
  await vi.advanceTimersByTimeAsync(10);
  await lease.releaseLease("a");
  await lease.holdLease("b", LEASE_MS);
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
  expect(leadership.isLeader()).toBe(false);
  expect(log).toEqual(["lead", "stop"]);
});

it("a commit that met another's fence ends the leading at once", async () => {
  const { leadership, log } = start(createLease(), "a");
  await vi.advanceTimersByTimeAsync(10);
  leadership.stepDown();
  expect(leadership.isLeader()).toBe(false);
  expect(log).toEqual(["lead", "stop"]);
});

it("a mover that leads its share lets another have a free lease first, and takes it when nobody does", async () => {
  const lease = createLease();
  const full = start(lease, "full", () => true);
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4 - 1);
  expect(full.leadership.isLeader()).toBe(false);
  const other = start(lease, "other");
  await vi.advanceTimersByTimeAsync(4 * LEASE_MS);
  expect([full.leadership.isLeader(), other.leadership.isLeader()]).toEqual([false, true]);
  await other.leadership.close();
  await vi.advanceTimersByTimeAsync(LEASE_MS);
  expect(full.leadership.isLeader()).toBe(true);
});

it("a leader that hands over does so to a standby, and leads again only when none is there", async () => {
  const lease = createLease();
  const [a, b] = [start(lease, "a"), start(lease, "b")];
  await vi.advanceTimersByTimeAsync(LEASE_MS);
  await a.leadership.handOver();
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
  expect([a.leadership.isLeader(), b.leadership.isLeader()]).toEqual([false, true]);
  await b.leadership.close();
  await vi.advanceTimersByTimeAsync(3 * LEASE_MS);
  expect(a.log).toEqual(["lead", "stop", "lead"]);
});
