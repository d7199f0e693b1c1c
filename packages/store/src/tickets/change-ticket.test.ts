import type { TicketRequest } from "@muster/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eloBucket } from "../keys.ts";
import { commitMatches } from "../matches/commit-matches.ts";
import { connectForCommits } from "../redis/connect.ts";
import { duelProposal, openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { unpackTicket, withId } from "./pack-ticket.ts";

const duel = sampleQueue();

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.stop());
beforeEach(() => test.raw.flushall());

const enqueue = (...players: string[]) =>
  test.store.enqueueTickets(
    duel,
    players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
  );
const change = (player: string, version: number, request: TicketRequest = solo(player, 1_500), queue = duel) =>
  test.store.changeTicket(queue, `t_${player}`, version, request);
const dueAt = async () => (await test.store.readSchedule(["duel"], 1)).dueAt.get("duel") ?? Infinity;

describe("a change", () => {
  it("moves the ticket to where its new elo is, due at once, with its place and its tries kept", async () => {
    await enqueue("ann");
    const old = await test.store.readTicket("t_ann");
    const later = { dueAt: test.store.clock.now() + 5_000, countTry: true };
    await test.store.retryTickets("duel", [{ id: "t_ann", version: 1, elo: 1_000, tries: 0 }], later);
    const before = await test.store.readPlayer("ann");
    const outcome = await change("ann", 1);
    const ticket = { ...old, ...solo("ann", 1_500), version: 2, tries: 1 };
    expect(outcome).toMatchObject({ outcome: "changed", ticket });
    expect(await test.store.readTicket("t_ann")).toEqual(ticket);
    const after = await test.store.readPlayer("ann");
    expect(after).toMatchObject({ state: "inqueue", at: before.at, ticket: "t_ann", ticketVersion: 2 });
    expect(after.version).toBeGreaterThan(before.version);
    const indexed = await test.raw.hget(test.store.keys.eloBucket("duel", eloBucket(1_500)), "t_ann");
    const packed = withId("t_ann", indexed ?? "");
    expect(outcome).toMatchObject({ packed });
    expect(unpackTicket(packed)).toMatchObject({ version: 2, tries: 1, elo: 1_500, createdAt: old?.createdAt });
    expect(await dueAt()).toBeLessThanOrEqual(test.store.clock.now());
    expect((await test.events())[1]).toMatchObject({ type: "changed", queue: "duel", ticket: "t_ann" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("begins anew where the queue says so", async () => {
    await enqueue("ann");
    await test.raw.hset(test.store.keys.ticket("t_ann"), "createdAt", 1, "expiresAt", 2, "tries", 9);
    const outcome = await change("ann", 1, undefined, sampleQueue({ changeRestarts: true }));
    const ticket = await test.store.readTicket("t_ann");
    expect(outcome).toMatchObject({ outcome: "changed", ticket: ticket ?? {} });
    expect(ticket).toMatchObject({ tries: 0, version: 2 });
    expect((ticket?.expiresAt ?? 0) - (ticket?.createdAt ?? 0)).toBe(duel.expireAfterMs);
    expect(ticket?.createdAt).toBeGreaterThan(1);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("that begins anew saves a ticket that was about to expire", async () => {
    await enqueue("ann");
    await test.raw.hset(test.store.keys.ticket("t_ann"), "expiresAt", 2);
    await change("ann", 1, undefined, sampleQueue({ changeRestarts: true }));
    expect(await test.store.endTicket("t_ann", "expired")).toBeNull();
    expect(await test.store.readTicket("t_ann")).toMatchObject({ status: "queued" });
  });

  it("leaves what a repeated enqueue is answered as it was first", async () => {
    const enqueueOnce = () =>
      test.store.enqueueTickets(duel, [{ id: "t_ann", request: solo("ann"), digest: "request-1" }]);
    const [first] = await enqueueOnce();
    await test.raw.hset(test.store.keys.ticket("t_ann"), "in", "duel 1 1 0#request-1 ann 1000 -");
    const restarts = sampleQueue({ changeRestarts: true });
    await change("ann", 1, undefined, restarts);
    await change("ann", 2, solo("ann", 1_700), restarts);
    const [again] = await enqueueOnce();
    expect(again).toMatchObject({ outcome: "replayed", request: solo("ann"), createdAt: 1, expiresAt: 2, tries: 0 });
    expect(first).toMatchObject({ outcome: "queued", request: solo("ann") });
  });

  it("is refused with the ticket as it is when its version is another or it has ended", async () => {
    await enqueue("ann");
    await change("ann", 1);
    expect(await change("ann", 1)).toMatchObject({ outcome: "conflict", ticket: { version: 2 } });
    await test.store.endTicket("t_ann", "cancelled");
    expect(await change("ann", 2)).toMatchObject({ outcome: "over", ticket: { status: "cancelled" } });
    expect(await change("nobody", 1)).toBeNull();
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("of several from one version is made once", async () => {
    for (let round = 0; round < 100; round++) {
      await enqueue(`p${round}`);
      const elos = [900, 1_100, 1_300, 1_500];
      const outcomes = await Promise.all(elos.map((elo) => change(`p${round}`, 1, solo(`p${round}`, elo))));
      const won = outcomes.findIndex((outcome) => outcome?.outcome === "changed");
      expect(outcomes.filter((outcome) => outcome?.outcome === "changed")).toHaveLength(1);
      expect(await test.store.readTicket(`t_p${round}`)).toMatchObject({ players: [{ elo: elos[won] }] });
    }
    expect(await test.inconsistencies()).toEqual([]);
  });
});

it("a change that races a commit: never a match with the old parameters, hundreds of times", async () => {
  await test.store.holdLease("me", 60_000);
  const connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
  const { keys, retention, clock } = test.store;
  const counts = { changed: 0, over: 0 };
  for (let round = 0; round < 400; round++) {
    const [a, b] = [`a${round}`, `b${round}`];
    await enqueue(a, b);
    const proposal = duelProposal(`m_${a}`, [
      [`t_${a}`, a],
      [`t_${b}`, b],
    ]);
    const context = { connection, keys, retention, fence: "me", now: clock.now(), queue: () => duel };
    // Either begins first, and the other within the time that it takes.
    const after = async (pings: number) => {
      for (let n = 0; n < pings; n++) await test.store.ping();
    };
    const pings = Math.floor(round / 2) % 4;
    const changeAfter = round % 2 === 0 ? pings : 0;
    const [outcome, [committed]] = await Promise.all([
      after(changeAfter).then(() => change(a, 1)),
      after(pings - changeAfter).then(() => commitMatches(context, [proposal])),
    ]);
    expect([outcome?.outcome, committed === "committed"]).toEqual(
      committed === "committed" ? ["over", true] : ["changed", false],
    );
    counts[committed === "committed" ? "over" : "changed"] += 1;
  }
  connection.disconnect();
  // Without both outcomes, nothing has raced.
  expect(counts.changed).toBeGreaterThan(10);
  expect(counts.over).toBeGreaterThan(10);
  expect(await test.inconsistencies()).toEqual([]);
}, 60_000);
