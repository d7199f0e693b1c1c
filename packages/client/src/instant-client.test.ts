import type { UserProfile, WaitlistEntry } from "@muster/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MusterConnectionError, MusterFrameError } from "./errors.ts";
import { InstantClient, type InstantClientOptions } from "./instant-client.ts";
import { FakeWebSocket } from "./testing/fake-web-socket.ts";

const newest = (): FakeWebSocket => {
  const socket = FakeWebSocket.made.at(-1);
  if (!socket) throw new Error("no WebSocket was made");
  return socket;
};
const own: UserProfile = { user_data: { age: 30 }, user_preferences: { age: { min: 20 } } };
const entry = (alias: string, age: number, min?: number): WaitlistEntry => ({
  ...{
    alias,
    random_room_string: "r",
    user_data: { age },
    user_preferences: min === undefined ? {} : { age: { min } },
  },
});
const list = (...data: WaitlistEntry[]) => newest().say({ event: "INSTANT_MATCH_WAITLIST", data });
const tell = (data: object) => newest().say({ event: "INSTANT_MATCH_ann", data });
const waiting = { status: "WAITING", alias: "own", random_room_string: "r", ticket: "t_1", expires_at: 1, ...own };
const claimed = () =>
  (newest().sent as { event: string; data: { alias?: string } }[]).flatMap(({ event, data }) =>
    event === "INSTANT_MATCH" ? [data.alias] : [],
  );

let client: InstantClient;
const open = async (options: Partial<InstantClientOptions> = {}) => {
  client = new InstantClient({
    ...{ url: "http://muster/", user: "ann", WebSocket: FakeWebSocket, random: { next: () => 0 }, lookMs: 100 },
    ...options,
  });
  const connected = client.connect();
  newest().open();
  await connected;
};
const wait = async () => {
  const asked = client.request(own);
  tell(waiting);
  return asked;
};
beforeEach(() => {
  vi.useFakeTimers();
  FakeWebSocket.made = [];
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a user who waits", () => {
  it("claims who fits both ways, after a look around, one after the other as they are taken", async () => {
    await open();
    expect(newest().url).toBe("ws://muster/v1/instant");
    expect(await wait()).toEqual(waiting);
    expect(newest().sent).toEqual([{ event: "REQUEST_INSTANT_MATCH", data: { user_id: "ann", ...own } }]);
    const fitting: string[][] = [];
    client.on("fitting", (entries) => fitting.push(entries.map(({ alias }) => alias)));
    list(entry("young", 19), entry("picky", 40, 35), entry("bob", 40), entry("cat", 40));
    expect(fitting).toEqual([["bob", "cat"]]);
    await vi.advanceTimersByTimeAsync(90);
    expect(claimed()).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(claimed()).toEqual(["bob"]);
    tell({ status: "TAKEN", alias: "bob" });
    await vi.advanceTimersByTimeAsync(100);
    expect(claimed()).toEqual(["bob", "cat"]);
    newest().say({
      event: "ERROR",
      data: { code: "NOT_COMPATIBLE", message: "no", event: "INSTANT_MATCH", alias: "cat" },
    });
    list(entry("bob", 40), entry("dan", 50));
    await vi.advanceTimersByTimeAsync(200);
    expect(claimed()).toEqual(["bob", "cat", "bob"]);
  });

  it("claims whoever has the fewest options first", async () => {
    await open();
    await wait();
    const eve = { ...entry("eve", 35), user_preferences: { age: { max: 30 } } };
    // bob and cat would do for each other too; eve accepts nobody but ann.
    list(entry("bob", 40), entry("cat", 41), eve);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(claimed()).toEqual(["eve"]);
  });

  it("claims nobody once it is in a session, and tells what is told", async () => {
    await open();
    const told: unknown[] = [];
    client.on("session", ({ session }) => told.push(session));
    client.on("ended", ({ session }) => told.push(`ended ${session}`));
    client.on("over", ({ status }) => told.push(status));
    client.on("againAsked", ({ session }) => told.push(`again ${session}`));
    await wait();
    list(entry("bob", 40));
    tell({ status: "SESSION", session: "m_1" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(claimed()).toEqual([]);
    tell({ status: "ENDED", session: "m_1" });
    tell({ status: "AGAIN_ASKED", session: "m_1" });
    tell({ status: "EXPIRED" });
    expect(told).toEqual(["m_1", "ended m_1", "again m_1", "EXPIRED"]);
  });

  it("compares by the app's own function, and claims only by hand when asked to", async () => {
    await open({ compare: (_, { user_data }) => user_data.age === 19, autoClaim: false });
    await wait();
    const fitting: string[] = [];
    client.on("fitting", (entries) => fitting.push(...entries.map(({ alias }) => alias)));
    list(entry("young", 19), entry("bob", 40));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fitting).toEqual(["young"]);
    expect(claimed()).toEqual([]);
    client.claim("young");
    expect(claimed()).toEqual(["young"]);
  });

  it("waits again after a lost connection, but not when a newer one replaced it", async () => {
    await open();
    await wait();
    newest().drop();
    await vi.advanceTimersByTimeAsync(100);
    newest().open();
    expect(newest().sent).toEqual([{ event: "REQUEST_INSTANT_MATCH", data: { user_id: "ann", ...own } }]);
    tell(waiting);
    newest().drop(4001);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeWebSocket.made).toHaveLength(2);
  });
});

const sentEvents = () => newest().sent as { event: string; data: Record<string, unknown> }[];
const reconnect = async () => {
  newest().drop();
  await vi.advanceTimersByTimeAsync(100);
  newest().open();
};

describe("after a lost connection", () => {
  it("who was in a session names itself and the session, and tells the app of it once", async () => {
    await open();
    const told: string[] = [];
    client.on("session", ({ session }) => told.push(session));
    client.on("ended", ({ session }) => told.push(`ended ${session}`));
    await wait();
    tell({ status: "SESSION", session: "m_1" });
    await reconnect();
    expect(sentEvents()).toEqual([{ event: "HELLO_INSTANT_MATCH", data: { user_id: "ann", session: "m_1" } }]);
    tell({ status: "SESSION", session: "m_1" });
    client.leave();
    expect(sentEvents().at(-1)).toEqual({ event: "LEAVE_INSTANT_MATCH", data: { user_id: "ann" } });
    tell({ status: "ENDED", session: "m_1" });
    expect(told).toEqual(["m_1", "ended m_1"]);
    await reconnect();
    expect(sentEvents()).toEqual([{ event: "HELLO_INSTANT_MATCH", data: { user_id: "ann" } }]);
  });

  it("who asked for a rematch asks for it again, and leaves no session that began meanwhile", async () => {
    await open();
    await wait();
    tell({ status: "SESSION", session: "m_1" });
    const asked = client.rematch();
    tell(waiting);
    await asked;
    await reconnect();
    expect(sentEvents()).toEqual([{ event: "REQUEST_REMATCH", data: { user_id: "ann", session: "m_1" } }]);
  });

  it("who waits for the partner of before does so again, and is no less patient when Muster is busy", async () => {
    await open();
    const errors: string[] = [];
    client.on("error", ({ code }) => errors.push(code));
    const asked = client.again();
    tell({ ...waiting, again: "m_1" });
    await asked;
    await reconnect();
    const request = { event: "REQUEST_AGAIN", data: { user_id: "ann" } };
    expect(sentEvents()).toEqual([request]);
    newest().say({ event: "ERROR", data: { code: "STORE_UNAVAILABLE", message: "no", event: "REQUEST_AGAIN" } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sentEvents()).toEqual([request, request]);
    newest().say({ event: "ERROR", data: { code: "MATCH_NOT_FOUND", message: "no", event: "REQUEST_AGAIN" } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sentEvents()).toEqual([request, request]);
    expect(errors).toEqual(["MATCH_NOT_FOUND"]);
    await reconnect();
    expect(sentEvents().map(({ event }) => event)).toEqual(["HELLO_INSTANT_MATCH"]);
  });
});

describe("claims", () => {
  it("that are never answered make way for others after a while, and are made again", async () => {
    await open();
    await wait();
    list(entry("bob", 40), entry("cat", 41));
    await vi.advanceTimersByTimeAsync(200);
    expect(claimed()).toEqual(["bob"]);
    await vi.advanceTimersByTimeAsync(2_200);
    expect(claimed()).toEqual(["bob", "cat"]);
    await vi.advanceTimersByTimeAsync(2_200);
    expect(claimed()).toEqual(["bob", "cat", "bob"]);
  });

  it("are fewer than a connection may send, however fast they are taken", async () => {
    await open({ lookMs: 1 });
    await wait();
    for (let n = 0; n < 300; n++) list(entry(`u${n}`, 40));
    let answered = 0;
    for (let ms = 0; ms < 5_000; ms += 10) {
      await vi.advanceTimersByTimeAsync(10);
      for (const alias of claimed().slice(answered)) tell({ status: "TAKEN", alias });
      answered = claimed().length;
    }
    expect(answered).toBeGreaterThan(60);
    expect(answered).toBeLessThan(90);
  });

  it("by hand: of each who fits is told once, also of one who was long forgotten", async () => {
    await open({ autoClaim: false });
    await wait();
    let told = 0;
    client.on("fitting", ({ length }) => {
      told += length;
    });
    const crowd = Array.from({ length: 2_000 }, (_, n) => entry(`u${n}`, 40));
    list(...crowd);
    list(...crowd);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toBe(2_000);
    expect(claimed()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("fails a request that is refused, superseded, not answered, or cut off", async () => {
  await open();
  const failed = (call: Promise<unknown>) => call.catch((error: unknown) => error);
  const refused = failed(client.rematch());
  const error = { code: "TICKET_NOT_FOUND", message: "no" };
  newest().say({ event: "ERROR", data: { ...error, event: "REQUEST_REMATCH" } });
  expect(await refused).toMatchObject({ constructor: MusterFrameError, code: "TICKET_NOT_FOUND" });
  const first = failed(client.again());
  const silent = failed(client.again());
  expect(await first).toMatchObject({ code: "SUPERSEDED" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await silent).toMatchObject({ constructor: MusterConnectionError, reason: "timeout" });
  const cut = failed(client.request(own));
  newest().drop();
  expect(await cut).toMatchObject({ constructor: MusterConnectionError, reason: "unreachable" });
  expect(await failed(client.request(own))).toMatchObject({ reason: "unreachable" });
  expect(() => client.cancel()).toThrow(MusterConnectionError);
});

it("of whom Muster knows the profile compares by that, also when it has not asked by itself", async () => {
  await open();
  const again = client.rematch();
  expect(newest().sent).toEqual([{ event: "REQUEST_REMATCH", data: { user_id: "ann" } }]);
  tell(waiting);
  await again;
  list(entry("young", 19), entry("bob", 40));
  await vi.advanceTimersByTimeAsync(200);
  expect(claimed()).toEqual(["bob"]);
});

it("tells of what can't be read, and goes on", async () => {
  await open();
  const errors: string[] = [];
  client.on("error", ({ code }) => errors.push(code));
  for (const text of ["{", "[]", '{"event":1,"data":{}}', '{"event":"ERROR"}']) newest().say(text);
  newest().say({ event: "ERROR", data: { code: "NOT_WAITING", message: "no", event: "CANCEL_INSTANT_MATCH" } });
  newest().say({ event: "SOMETHING_NEWER", data: {} });
  expect(errors).toEqual([...Array(4).fill("UNREADABLE"), "NOT_WAITING"]);
});
