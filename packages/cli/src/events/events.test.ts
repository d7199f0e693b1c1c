import { openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type EventsOptions, showEvents } from "./command.ts";
import { eventJson, eventLine } from "./event-line.ts";
import { parseFrom } from "./parse-from.ts";

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test?.stop());
beforeEach(async () => {
  await test.raw.flushall();
});

const cancel = async (ids: string[], queue = "duel") => {
  const tickets = ids.map((id) => ({ id, request: solo(`p-${id}`) }));
  await test.store.enqueueTickets(sampleQueue({ name: queue }), tickets);
  for (const id of ids) await test.store.endTicket(id, "cancelled");
};
const open = (options: Partial<EventsOptions>, signal = new AbortController().signal) => {
  const lines: string[] = [];
  const faults: string[] = [];
  const done = showEvents(
    { redisUrl: test.redis.url, partition: ["main"], type: "cancelled", ...options },
    { out: (line) => lines.push(line), err: (line) => faults.push(line) },
    signal,
  );
  return { lines, faults, done };
};
const run = async (options: Partial<EventsOptions>) => {
  const { lines, faults, done } = open(options);
  return { code: await done, lines, faults };
};

describe("muster events", () => {
  it("prints what happened in the last hour, filtered by queue and type", async () => {
    await cancel(["t1", "t2"]);
    await cancel(["t3"], "team");
    const all = await run({ json: true });
    expect(all.lines.map((line) => JSON.parse(line).ticket)).toEqual(["t1", "t2", "t3"]);
    expect((await run({ json: true, queue: "team" })).lines).toHaveLength(1);
    expect((await run({ type: "expired" })).lines).toEqual([]);
  });

  it("begins behind an event whose id it is given", async () => {
    await cancel(["t1", "t2"]);
    const [first = "{}"] = (await run({ json: true })).lines;
    const { lines } = await run({ json: true, from: JSON.parse(first).id });
    expect(lines.map((line) => JSON.parse(line).ticket)).toEqual(["t2"]);
  });

  it("says how many events are no longer kept", async () => {
    await cancel(["t1", "t2", "t3"]);
    const written = await test.raw.xlen("{main}:events");
    await test.raw.xtrim("{main}:events", "MAXLEN", 1);
    const { lines, faults } = await run({ from: "0" });
    expect(lines).toHaveLength(1);
    expect(faults).toEqual([`what up to ${written - 1} calls told before the following is no longer kept`]);
  });

  it("follows what happens from now on until it is stopped", async () => {
    await cancel(["t1"]);
    const stop = new AbortController();
    const { lines, done } = open({ follow: true, json: true }, stop.signal);
    // It waits once its connection blocks.
    await expect.poll(async () => `${await test.raw.call("CLIENT", "LIST")}`).toMatch(/name=muster-events.*cmd=xread/);
    await cancel(["t2"]);
    await expect.poll(() => lines.map((line) => JSON.parse(line).ticket)).toEqual(["t2"]);
    stop.abort();
    expect(await done).toBe(0);
  });

  it("names every faulty option, and a Redis that isn't there", async () => {
    const { code, faults } = await run({ from: "yesterday", redisUrl: "localhost", partition: ["Main"] });
    expect([code, faults.length]).toEqual([78, 3]);
    const away = await run({ redisUrl: "redis://127.0.0.1:1" });
    expect(away.code).toBe(1);
    expect(away.faults).toEqual(["Redis can't be reached at redis://127.0.0.1:1; --redis-url says where it is"]);
  });
});

it("a line shows when, what, where and the rest, also of types that aren't known", () => {
  const at = Date.UTC(2026, 10, 23, 21);
  const matched = { type: "matched", queue: "duel", match: "m1", at, eloGap: 12 } as const;
  expect(eventLine({ id: "1-0", event: matched })).toBe(
    "2026-11-23T21:00:00.000Z  matched       duel  match=m1 eloGap=12",
  );
  const other = { type: "other", name: "won", fields: { type: "won", at: String(at), by: "ann" } } as const;
  expect(eventLine({ id: "1-0", event: other })).toBe("2026-11-23T21:00:00.000Z  won           -  by=ann");
  expect(JSON.parse(eventJson({ id: "1-0", event: other }))).toEqual({ id: "1-0", ...other.fields });
});

it.each([
  ["-1h", { id: "6399999-18446744073709551615" }],
  ["0", { id: "0-0", count: 0 }],
  ["17-3", { id: "17-3", part: 1 }],
  ["17-3.4", { id: "17-3", part: 5 }],
  ["17-3.", undefined],
  ["1h", undefined],
  ["-soon", undefined],
])("the place %s is %j", (text, cursor) => {
  expect(parseFrom(text, 10_000_000)).toEqual(cursor);
});
