import type { ServiceBeat } from "@muster/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Share, shareFigures, startShare } from "./share.ts";

const LOOK_MS = 1_000;
const PARTITIONS = ["main", "eu", "us"];

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await share?.close();
  vi.useRealTimers();
});

let share: Share | undefined;
let beats: ServiceBeat[] = [];
let isGone = false;

/** What another mover said last, `agoMs` before now. */
const beatOf = (name: string, leads: string[], { agoMs = 0, serves = PARTITIONS } = {}): ServiceBeat => ({
  ...{ name, role: "mover", version: "1.2.3", host: "here", pid: 1, startedAt: 0, at: Date.now() - agoMs },
  ...{ load: { cpuShare: 0, rssMiB: 0, loopShare: 0 }, holds: { count: 0, ids: [] } },
  figures: { leads: leads.length > 0, ...shareFigures(serves, leads) },
});

/** A mover that leads these; what it hands over it leads no more. */
const startWith = (...leads: string[]) => {
  const led = new Set(leads);
  const leadership = (partition: string) => ({
    isLeader: () => led.has(partition),
    handOver: async () => void led.delete(partition),
  });
  share = startShare({
    store: {
      readServices: async () => {
        if (isGone) throw new Error("Redis is gone");
        return beats;
      },
      clock: { now: () => Date.now() },
    },
    name: "me",
    leaderships: new Map(PARTITIONS.map((partition) => [partition, leadership(partition)])),
  });
  return led;
};

/** What is led after the next look, at which all others are known by these. */
const afterLook = async (led: ReadonlySet<string>, make: () => ServiceBeat[]) => {
  await vi.advanceTimersByTimeAsync(LOOK_MS - 1);
  beats = make();
  await vi.advanceTimersByTimeAsync(1);
  return [...led];
};

it("hands over to a mover that leads two less, one at a time, and no more once they are even", async () => {
  const led = startWith("main", "eu", "us");
  expect(await afterLook(led, () => [beatOf("new", [])])).toEqual(["main", "eu"]);
  // Until the other has told that it leads what was handed over.
  expect(await afterLook(led, () => [beatOf("new", [])])).toEqual(["main", "eu"]);
  expect(await afterLook(led, () => [beatOf("new", ["us"])])).toEqual(["main", "eu"]);
});

it.each([
  ["died: its last beat is old", () => [beatOf("dead", [], { agoMs: 2_600 })]],
  ["is this one", () => [beatOf("me", [])]],
  ["serves other partitions", () => [beatOf("other", [], { serves: ["asia"] })]],
  ["is no mover", () => [{ ...beatOf("matchmaker-1", []), role: "matchmaker" }]],
  ["tells nothing of partitions", () => [{ ...beatOf("older", []), figures: { leads: false } }]],
])("hands nothing over to one that %s", async (_, make) => {
  const led = startWith("main", "eu");
  expect(await afterLook(led, make)).toEqual(["main", "eu"]);
  expect(share?.isLarger("eu")).toBe(false);
});

it("hands over what the other serves", async () => {
  const led = startWith("main", "eu", "us");
  expect(await afterLook(led, () => [beatOf("other", [], { serves: ["main", "asia"] })])).toEqual(["eu", "us"]);
});

it("lets a mover that leads less have what is free, and not one that leads as much and died", async () => {
  const led = startWith("main");
  await afterLook(led, () => [beatOf("dead", ["eu"])]);
  expect(share?.isLarger("eu")).toBe(false);
  await afterLook(led, () => [beatOf("dead", ["eu"]), beatOf("standby", [])]);
  expect(share?.isLarger("eu")).toBe(true);
});

it("goes by what it saw last while Redis can't be read", async () => {
  const led = startWith("main", "eu");
  await afterLook(led, () => [beatOf("other", ["us"])]);
  expect(share?.isLarger("us")).toBe(true);
  isGone = true;
  await afterLook(led, () => []);
  expect(share?.isLarger("us")).toBe(true);
  isGone = false;
  await afterLook(led, () => []);
  expect(share?.isLarger("us")).toBe(false);
});
