import { silentLogger } from "@muster/core/service";
import { type Hold, REFRESH_EVERY_MS } from "@muster/store";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPresence, type PresenceDeps } from "./presence.ts";

const RETRY_MS = 600;

/** What a Redis would know, and which calls it refuses. */
const fakeStore = () => {
  const holders = new Map<string, string>();
  const calls: string[] = [];
  const refused = new Set<string>();
  /** Of those who refuse: it was done all the same, and only its answer lost. */
  const lost = new Set<string>();
  const taken = new Set<string>();
  const call = async <Answer>(name: string, text: string, work: () => Answer): Promise<Answer> => {
    calls.push(`${name} ${text}`);
    if (refused.has(name)) throw new Error("READONLY");
    const answer = work();
    if (lost.has(name)) throw new Error("Connection is closed.");
    return answer;
  };
  const store: PresenceDeps["store"] = {
    connectPlayers: (_, token, players) =>
      call("connect", `${token} ${players}`, () => {
        for (const player of players) holders.set(player, token);
      }),
    disconnectPlayers: (_, token, players) =>
      call("disconnect", `${token} ${players}`, () => {
        for (const player of players) if (holders.get(player) === token) holders.delete(player);
      }),
    refreshPresence: (_, holds, isUnsure) =>
      call("refresh", `${holds.map(({ player }) => player)}${isUnsure ? ", unsure" : ""}`, (): Hold[] =>
        holds.filter(({ player }) => taken.has(player)),
      ),
    markAbsent: (_, players) => call("absent", `${players}`, () => {}),
  };
  return { store, holders, calls, refused, lost, taken };
};

let fake: ReturnType<typeof fakeStore>;
let presence: ReturnType<typeof createPresence>;

beforeEach(() => {
  vi.useFakeTimers();
  fake = fakeStore();
  let tokens = 0;
  presence = createPresence({
    store: fake.store,
    queueOf: () => undefined,
    ids: { token: () => `c${++tokens}` },
    clock: { now: () => 7 },
    log: silentLogger,
  });
});

afterEach(async () => {
  await presence.close();
  vi.useRealTimers();
});

const open = () => presence.open(() => {});
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

it("holds again within a second whom it could not hold: what an older connection tells late must find the newer", async () => {
  fake.refused.add("connect");
  open().hold(["ann"]);
  await pass(100);
  expect(fake.holders.get("ann")).toBeUndefined();
  fake.refused.clear();
  await pass(RETRY_MS);
  expect(fake.holders.get("ann")).toBe("7-c1");
  await pass(2_000);
  expect(fake.calls).toHaveLength(2);
});

it("releases again whom it could not release, unless the same connection holds the player since", async () => {
  const connection = open();
  connection.hold(["ann", "bob"]);
  await pass(1);
  fake.refused.add("disconnect");
  connection.release(["ann", "bob"]);
  await pass(100);
  connection.hold(["bob"]);
  fake.refused.clear();
  await pass(RETRY_MS);
  expect([...fake.holders]).toEqual([["bob", "7-c1"]]);
  connection.end();
  await pass(1);
  expect([...fake.holders]).toEqual([]);
});

it("gives up a release when the sweeper must have found out by itself", async () => {
  const connection = open();
  connection.hold(["ann"]);
  await pass(1);
  fake.refused.add("disconnect");
  connection.end();
  await pass(20_000);
  const tries = fake.calls.length;
  expect(tries).toBeGreaterThan(15);
  await pass(20_000);
  expect(fake.calls).toHaveLength(tries);
});

it("a refresh whose answer was lost is made up for as one that may have brought nobody back", async () => {
  open().hold(["ann"]);
  await pass(1);
  fake.lost.add("refresh");
  await pass(REFRESH_EVERY_MS);
  fake.lost.clear();
  await pass(RETRY_MS);
  await pass(REFRESH_EVERY_MS);
  expect(fake.calls).toEqual(["connect 7-c1 ann", "refresh ann", "refresh ann, unsure", "refresh ann"]);
});

it("a newer connection takes the player's place first, and then the older one's hold is given up", async () => {
  const taken: string[] = [];
  presence.open((players) => taken.push(...players)).hold(["ann"]);
  open().hold(["ann"]);
  await pass(1);
  expect(taken).toEqual(["ann"]);
  expect(fake.calls.slice(-2)).toEqual(["connect 7-c2 ann", "disconnect 7-c1 ann"]);
});

it("tells a connection that another playserver took its player over", async () => {
  const taken: string[] = [];
  const connection = presence.open((players) => taken.push(...players));
  connection.hold(["ann"]);
  await pass(1);
  fake.taken.add("ann");
  await pass(REFRESH_EVERY_MS);
  expect(taken).toEqual(["ann"]);
  connection.end();
  await pass(1);
  expect(fake.calls.filter((call) => call.startsWith("disconnect"))).toEqual([]);
});

it("says at once that it holds a player whose claim moves to another partition", async () => {
  open().hold(["ann"]);
  await pass(1);
  presence.moved("ann");
  presence.moved("bob");
  await pass(1);
  expect(fake.calls.slice(1)).toEqual(["refresh ann, unsure"]);
});

it("tells again of players who began to wait when their connection had ended", async () => {
  fake.refused.add("absent");
  open().endedBefore(["ann"]);
  await pass(100);
  fake.refused.clear();
  await pass(RETRY_MS);
  await pass(2_000);
  expect(fake.calls).toEqual(["absent ann", "absent ann"]);
});

it("after letRunOut nobody is away because its connection ends", async () => {
  const connection = open();
  connection.hold(["ann"]);
  await pass(1);
  presence.letRunOut();
  connection.end();
  await pass(RETRY_MS);
  expect([...fake.holders]).toEqual([["ann", "7-c1"]]);
});
