import type { StreamEvent } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../store.ts";
import { openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { cursorAt, cursorBehind, STREAM_START } from "./event-cursor.ts";
import { type EventGroup, openEventGroup } from "./event-group.ts";
import { type EventLog, openEventLog } from "./event-log.ts";
import { followEvents } from "./follow-events.ts";
import { EVENTS_PER_ENTRY } from "./unpack-event.ts";

let test: TestStore;
let log: EventLog;
const about = () => ({ url: test.redis.url, partition: "main", name: "test-events" });

beforeAll(async () => {
  test = await openTestStore();
  log = await openEventLog(about());
});
afterAll(async () => {
  await log?.close();
  await test?.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
});

const key = "{main}:events";
/** Writes events of matches m<from>, m<from + 1>, … with ids of the same ms. */
const write = async (from: number, count: number, keep = 1_000_000) => {
  for (let n = from; n < from + count; n++) {
    const fields = ["type", "ended", "queue", "duel", "match", `m${n}`, "at", String(n)];
    await test.raw.xadd(key, "MAXLEN", "=", keep, `${n}-0`, ...fields);
  }
};
const matchesOf = (events: { event: object }[]) => events.map(({ event }) => "match" in event && event.match);

describe("a reader of the event stream", () => {
  it("reads all events page by page, in their order, and then none", async () => {
    await write(1, 5);
    const first = await log.read(STREAM_START, 3);
    const second = await log.read(first.next, 3);
    expect(matchesOf([...first.events, ...second.events])).toEqual(["m1", "m2", "m3", "m4", "m5"]);
    expect(second).toMatchObject({ missed: 0, restarted: false, next: { id: "5-0", count: 5 } });
    expect((await log.read(second.next, 3)).events).toEqual([]);
  });

  it("is told exactly how many events were dropped before it came to them", async () => {
    await write(1, 4);
    const { next } = await log.read(STREAM_START, 2);
    await write(5, 6, 3);
    const page = await log.read(next, 10);
    // m1 and m2 were read, m8 to m10 are left.
    expect(matchesOf(page.events)).toEqual(["m8", "m9", "m10"]);
    expect(page.missed).toBe(5);
    expect((await log.read(page.next, 10)).missed).toBe(0);
  });

  it("that had read all misses nothing when only that is dropped", async () => {
    await write(1, 4);
    const { next } = await log.read(STREAM_START, 10);
    await write(5, 2, 2);
    expect(await log.read(next, 10)).toMatchObject({ missed: 0, next: { count: 6 } });
  });

  it("from a point in time on begins with the first event of that time", async () => {
    await write(1, 5);
    expect(matchesOf((await log.read(cursorAt(3), 10)).events)).toEqual(["m3", "m4", "m5"]);
    await write(6, 1, 2);
    expect(await log.read(cursorAt(3), 10)).toMatchObject({ missed: 4 });
    expect(await log.read(cursorAt(6), 10)).toMatchObject({ missed: 0 });
  });

  it("is given each event of a call that told of several, and goes on behind any of them", async () => {
    await test.store.enqueueTickets(
      sampleQueue(),
      Array.from({ length: 30 }, (_, n) => ({ id: `t${n}`, request: solo(`p${n}`) })),
    );
    const { events, full, next } = await log.read(STREAM_START, 10);
    const ticketsOf = (some: StreamEvent[]) => some.map(({ event }) => "ticket" in event && event.ticket);
    expect(ticketsOf(events)).toEqual(Array.from({ length: 30 }, (_, n) => `t${n}`));
    expect(await test.raw.xlen(key)).toBe(Math.ceil(30 / EVENTS_PER_ENTRY));
    expect(new Set(events.map(({ id }) => id)).size).toBe(30);
    expect([full, next.count]).toEqual([false, 2]);
    for (const [index, { id }] of events.entries()) {
      const cursor = cursorBehind(id);
      const rest = cursor && (await log.read(cursor, 10));
      expect(rest).toMatchObject({ events: events.slice(index + 1), missed: 0, next });
    }
  });

  it("finds no more of what calls told of together than so many events, whoever told of them", async () => {
    const about = { url: test.redis.url, partition: "main", name: "test-small", clock: systemClock };
    const store = await openStore({ ...about, retention: { events: 400 } });
    let newest = "";
    for (let from = 0; from < 3_000; from += 60) {
      const ids = Array.from({ length: 60 }, (_, n) => `t${from + n}`);
      await store.enqueueTickets(
        sampleQueue(),
        ids.map((id) => ({ id, request: solo(`p-${id}`) })),
      );
      newest = ids.at(-1) ?? "";
    }
    await store.close();
    const { events } = await log.read(STREAM_START, 10_000);
    // It is cut off at whole blocks of the stream, of 4 kB.
    expect(events.length).toBeGreaterThanOrEqual(400);
    expect(events.length).toBeLessThan(700);
    expect(events.at(-1)?.event).toMatchObject({ ticket: newest });
    expect(await test.raw.hlen(test.store.keys.eventMarks)).toBeLessThanOrEqual(202);
  });

  it("reads a stream that was begun anew from its start, and is told so", async () => {
    await write(10, 3);
    const { next } = await log.read(STREAM_START, 10);
    await test.raw.flushall();
    await write(1, 1);
    const page = await log.read(next, 10);
    expect(page).toMatchObject({ restarted: true, next: { id: "1-0", count: 1 } });
    expect(matchesOf(page.events)).toEqual(["m1"]);
  });

  it("begins at the end with nothing", async () => {
    expect(await log.end()).toEqual({ id: "0-0", count: 0 });
    await write(1, 2);
    expect(await log.end()).toEqual({ id: "2-0", count: 2 });
  });

  it("that follows is given what happens while it waits, also across a Redis that is away", async () => {
    const stop = new AbortController();
    const troubles: unknown[] = [];
    const pages = followEvents(log, STREAM_START, { signal: stop.signal, onTrouble: (error) => troubles.push(error) });
    const next = async () => matchesOf((await pages.next()).value?.events ?? []);
    const waiting = next();
    await write(1, 1);
    expect(await waiting).toEqual(["m1"]);
    const away = next();
    await test.redis.restart();
    await expect.poll(() => troubles.length, { timeout: 5_000 }).toBe(1);
    await expect.poll(() => test.raw.status, { timeout: 5_000 }).toBe("ready");
    await write(2, 1);
    expect(await away).toEqual(["m2"]);
    stop.abort();
    await pages.return();
  });

  it("that rests reads on only then, and a stop ends its rest", async () => {
    const stop = new AbortController();
    const pages = followEvents(log, STREAM_START, { signal: stop.signal, onTrouble: () => {}, restMs: 60_000 });
    await write(1, 1);
    expect(matchesOf((await pages.next()).value?.events ?? [])).toEqual(["m1"]);
    await write(2, 1);
    const resting = pages.next();
    stop.abort();
    expect(await resting).toEqual({ done: true, value: undefined });
  });
});

describe("a group of readers", () => {
  const open = (reader: string, takeOverAfterMs = 60_000) =>
    openEventGroup({ ...about(), group: "g", reader, takeOverAfterMs });
  const using = async (work: (one: EventGroup, two: EventGroup) => Promise<void>, takeOverAfterMs?: number) => {
    const [one, two] = await Promise.all([open("one", takeOverAfterMs), open("two", takeOverAfterMs)]);
    try {
      await work(one, two);
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  };

  it("begins with what happens from its making on, and shares it out", () =>
    using(async (one, two) => {
      await write(1, 2);
      expect(await one.take(10)).toEqual({ events: [], entries: [], missed: 0, made: true });
      await write(3, 4);
      const [mine, theirs] = [await one.take(3), await two.take(3)];
      expect(matchesOf(mine.events)).toEqual(["m3", "m4", "m5"]);
      expect(matchesOf(theirs.events)).toEqual(["m6"]);
    }));

  it("is given all events of a call together, and confirms them together", () =>
    using(async (one, two) => {
      await one.take(1);
      await test.store.enqueueTickets(
        sampleQueue(),
        Array.from({ length: 3 }, (_, n) => ({ id: `t${n}`, request: solo(`p${n}`) })),
      );
      const { events, entries } = await one.take(1);
      expect([events.length, entries.length]).toEqual([3, 1]);
      await expect.poll(async () => (await two.take(1)).events).toEqual(events);
      await one.confirm(entries);
      expect((await test.raw.xpending(key, "g"))[0]).toBe(0);
    }, 1));

  it("gives what was not confirmed to another reader, and what was confirmed to nobody", () =>
    using(async (one, two) => {
      await one.take(1);
      await write(1, 3);
      const { entries } = await one.take(3);
      await one.confirm(entries.slice(0, 1));
      await expect.poll(async () => matchesOf((await two.take(10)).events)).toEqual(["m2", "m3"]);
    }, 1));

  it("is told exactly how many events were dropped before anybody took them", () =>
    using(async (one, two) => {
      await one.take(1);
      await write(1, 2);
      const { entries } = await one.take(2);
      await one.confirm(entries);
      await write(3, 10, 4);
      const taken = await two.take(2);
      expect(matchesOf(taken.events)).toEqual(["m9", "m10"]);
      expect(taken.missed).toBe(6);
      expect((await one.take(10)).missed).toBe(0);
    }));

  it("is told of events that were dropped after they were taken and not confirmed", () =>
    using(async (one, two) => {
      await one.take(1);
      await write(1, 2);
      await one.take(2);
      await write(3, 1, 1);
      await expect.poll(async () => (await two.take(10)).missed).toBe(2);
      expect(matchesOf((await two.take(10)).events)).toEqual(["m3"]);
    }, 1));

  it("goes on after Redis forgot everything", () =>
    using(async (one) => {
      await one.take(1);
      await test.raw.flushall();
      expect(await one.take(1)).toMatchObject({ made: true });
      await write(1, 1);
      await one.wait();
      expect(matchesOf((await one.take(1)).events)).toEqual(["m1"]);
    }));
});
