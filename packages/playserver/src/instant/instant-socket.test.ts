import { createProfileCheck, MusterError, type PlayerState } from "@muster/core";
import { silentLogger, systemIds } from "@muster/core/service";
import type { Store } from "@muster/store";
import { sampleInstantQueue } from "@muster/store/testing";
import { beforeEach, expect, it, vi } from "vitest";
import type { InstantContext } from "./instant-context.ts";
import { MAX_FRAME_CHARS } from "./instant-errors.ts";
import { InstantSocket, MAX_BUFFERED_BYTES } from "./instant-socket.ts";

const queue = sampleInstantQueue();
let done: string[];
let state: PlayerState | undefined;
let sent: { event: string; data: { status?: string; code?: string; message?: string } }[];
let socket: { readyState: number; bufferedAmount: number };
let peer: InstantSocket;
/** What Redis has of ann, of whom nothing was heard yet. */
let read: PlayerState;
/** What Redis has of any ticket. */
let ended: object | null;

const bob = { state: "inqueue", version: 1, at: 1, tries: 0, queue: "instant", ticket: "t_bob" };

/** Redis says yes to whatever is asked. */
const instant: Pick<Store["instant"], "enter"> = {
  enter: async (_queue, _user, id) => ({ outcome: "waiting", ticket: { id, version: 1, createdAt: 1, expiresAt: 2 } }),
};
const endTicket: Store["endTicket"] = async (id, status) => {
  done.push(`${status} ${id.slice(0, 2)}`);
  return { outcome: status };
};
const readMatch: Store["readMatch"] = async (id) => ({
  ...{ id, queue: "instant", state: "live", version: 1, createdAt: 1, endsAt: 2, joined: 0, eloGap: 0, quality: 1 },
  instant: { room: "r", secret: "s" },
  teams: ["ann", "bob"].map((player) => ({ name: player, players: [{ id: player, elo: 0, ticket: `t_${player}` }] })),
});

beforeEach(() => {
  [done, sent, state, ended] = [[], [], undefined, null];
  read = { state: "idle", version: 1, at: 1, tries: 0 };
  socket = { readyState: 1, bufferedAmount: 0 };
  const context = {
    queue,
    // Only what these tests come upon.
    store: {
      instant,
      endTicket,
      readMatch,
      readTicket: async () => ended,
      readPlayer: async (id: string) => (id === "bob" ? bob : read),
    } as unknown as InstantContext["store"],
    hub: { join: () => done.push("join"), leave: () => done.push("leave"), connect: () => {}, disconnect: () => {} },
    feed: { announce: ({ gone = [] }) => done.push(...gone.map(() => "gone")), ready: () => true },
    watches: { watch: () => {}, unwatch: () => done.push("unwatch"), publish: () => {} },
    presence: { open: () => ({ hold: () => {}, release: () => {}, end: () => done.push("away") }) },
    current: () => state,
    checkProfile: createProfileCheck(queue.instant),
    countRequest: async () => {},
    ids: systemIds,
    log: silentLogger,
  } as unknown as InstantContext;
  const wire = {
    ...{ ping: () => {}, terminate: () => {}, close: (code: number) => done.push(`close ${code}`) },
    send: (text: string) => sent.push(JSON.parse(text)),
  };
  peer = new InstantSocket(Object.assign(socket, wire), { kind: "anyone" }, context);
});

const request = () =>
  peer.receive('{"event":"REQUEST_INSTANT_MATCH","data":{"user_id":"ann","user_data":{},"user_preferences":{}}}');

it("a user who takes too little of what it is told is off the list, and nothing more is kept for it", async () => {
  await request();
  done = [];
  socket.bufferedAmount = MAX_BUFFERED_BYTES + 1;
  peer.tell("{}");
  expect(done).toEqual(["leave", "gone", "away", "unwatch", "close 1013"]);
  expect(peer.waiting).toBeUndefined();
  peer.tell("{}");
  expect(sent.map(({ data }) => data.status)).toEqual(["WAITING"]);
});

it("a request that outlives its connection is taken back", async () => {
  const asked = request();
  peer.end();
  await asked;
  expect(done.filter((each) => each !== "leave" && each !== "unwatch")).not.toContain("join");
  expect(sent).toEqual([]);
});

it("a connection that ends while its request is under way leaves nobody waiting", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { enter } = instant;
  instant.enter = async (...args) => {
    await promise;
    return enter(...args);
  };
  try {
    const asked = request();
    // Until the request is at the store.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    peer.end();
    done = [];
    resolve();
    await asked;
    expect(done).toContain("gone");
    expect(done).toContain("cancelled t_");
    expect(done).not.toContain("join");
  } finally {
    instant.enter = enter;
  }
});

it("a frame that is longer than any request is refused unread", async () => {
  await peer.receive(`"${"x".repeat(MAX_FRAME_CHARS)}"`);
  expect(sent).toMatchObject([{ event: "ERROR", data: { code: "INVALID", message: expect.stringContaining("8192") } }]);
});

it("a state that was read before the user began to wait says nothing of it", async () => {
  await request();
  state = { state: "inmatch", version: 1, at: 1, tries: 0, ticket: "t_old", match: "m_old", queue: "instant" };
  peer.deliver("ann");
  expect(peer.waiting).toBeDefined();
});

it("who waits again was told the end of its session before, though its state comes late", async () => {
  await request();
  const { ticket = "" } = peer.waiting ?? {};
  state = { state: "inmatch", version: 2, at: 2, tries: 0, ticket, match: "m_1", queue: "instant" };
  peer.deliver("ann");
  await request();
  peer.deliver("ann");
  expect(sent.map(({ data }) => data.status)).toEqual(["WAITING", "SESSION", "ENDED", "WAITING"]);
  expect(peer.waiting).toBeDefined();
});

const inSession = (match: string, ticket = "t_ann"): PlayerState => ({
  ...{ state: "inmatch", version: 2, at: 2, tries: 0, ticket, match, queue: "instant" },
});
const statuses = () => sent.map(({ data }) => data.status ?? data.code);
const send = (event: string, data: object) => peer.receive(JSON.stringify({ event, data }));

it("a session that is there before the request was answered is told after WAITING", async () => {
  const { enter } = instant;
  instant.enter = async (...args) => {
    const entered = await enter(...args);
    if (entered.outcome === "waiting") state = inSession("m_1", entered.ticket.id);
    peer.deliver("ann");
    return entered;
  };
  try {
    await request();
    await expect.poll(statuses).toEqual(["WAITING", "SESSION"]);
    expect(peer.waiting).toBeUndefined();
  } finally {
    instant.enter = enter;
  }
});

it.each([
  ["a session is told that it is over", undefined, "m_1", ["ENDED"]],
  ["the session that its client knows of is told nothing", inSession("m_1"), "m_1", []],
  ["another session is told it, and the end of the one before", inSession("m_2"), "m_1", ["ENDED", "SESSION"]],
])("who says hello after %s", async (_, now, known, expected) => {
  if (now) read = now;
  await send("HELLO_INSTANT_MATCH", { user_id: "ann", session: known });
  await send("CANCEL_INSTANT_MATCH", {});
  await expect.poll(() => statuses().filter((each) => each !== "NOT_WAITING")).toEqual(expected);
  expect(done).not.toContain("join");
});

it("who says hello is told by name whatever its state is from then on", async () => {
  await send("HELLO_INSTANT_MATCH", { user_id: "ann" });
  state = inSession("m_1");
  peer.deliver("ann");
  await expect.poll(statuses).toEqual(["SESSION"]);
});

it.each(["LEAVE_INSTANT_MATCH", "CANCEL_INSTANT_MATCH"])("%s can name the user of a new connection", async (event) => {
  await send(event, {});
  await send(event, { user_id: "ann" });
  await send(event, { user_id: "bob" });
  const expected = event === "LEAVE_INSTANT_MATCH" ? "WRONG_STATE" : "NOT_WAITING";
  expect(statuses()).toEqual([event === "LEAVE_INSTANT_MATCH" ? "INVALID" : "NOT_WAITING", expected, "INVALID"]);
});

it("a claim of each other that Redis did not answer is made again for as long as both wait", async () => {
  vi.useFakeTimers();
  try {
    let claims = 0;
    Object.assign(instant, {
      waiting: async () => [{ user: "bob", ticket: "t_bob", alias: "b", room: "r", again: "m_1" }],
      claim: async () => {
        claims += 1;
        if (claims < 3) throw new MusterError("STORE_UNAVAILABLE", "not now");
        return { outcome: "session" };
      },
    });
    ended = { id: "t_ann", match: "m_1", instant: { alias: "old", room: "r", user_data: {}, user_preferences: {} } };
    read = { ...read, ticket: "t_ann" };
    await send("REQUEST_AGAIN", { user_id: "ann" });
    expect(statuses()).toEqual(["WAITING"]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(claims).toBe(3);
  } finally {
    vi.useRealTimers();
  }
});
