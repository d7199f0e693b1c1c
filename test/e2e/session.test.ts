import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSystem, startSystem } from "@muster/cli";
import { RealmClient } from "@muster/client";
import type { Match } from "@muster/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPlayer } from "../support/player.ts";
import { inconsistenciesOf } from "../support/system.ts";

/** A match's life from ready check to rating, through nginx and all processes. */
const queuesFile = {
  queues: {
    checked: {
      ...{ teams: { count: 2, size: 1 }, maxPartySize: 1, steps: [{ fromTry: 0 }] },
      ...{ retryEveryMs: 200, expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 1_000 },
      readyCheck: { withinMs: 3_000, coolDown: { firstMs: 5_000, maxMs: 60_000, forgetAfterMs: 60_000 } },
      session: { joinWithinMs: 3_000 },
      ratings: { system: "elo", initial: 1_200 },
    },
    timed: {
      ...{ teams: { count: 1, size: 4, minSize: 2 }, maxPartySize: 1, steps: [{ fromTry: 0 }], backfill: true },
      ...{ retryEveryMs: 200, expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 1_000 },
      session: { joinWithinMs: 2_000, startAfterMs: 4_000 },
    },
    room: {
      ...{ teams: { count: 1, size: 4, minSize: 2 }, maxPartySize: 2, steps: [{ fromTry: 0 }] },
      ...{ retryEveryMs: 200, expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 1_000 },
      ...{ session: { joinWithinMs: 2_000 }, backfill: true, leaveCoolDownMs: 5_000 },
    },
  },
};

let folder: string;
let system: RunningSystem;
let realm: RealmClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-session-"));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(queuesFile));
  system = await startSystem({ queues });
  realm = new RealmClient({ url: system.url });
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const limit = { timeout: 15_000 };
const open = async (player: string) => {
  const { client, state } = await openPlayer(system.url, player);
  return { client, player, state: () => state()?.state, match: () => state()?.match ?? "" };
};
const queued = async (queue: string, ...players: string[]) => {
  const opened = await Promise.all(players.map(open));
  const tickets = await Promise.all(
    opened.map(({ client, player }) => client.queue(queue, { players: [{ id: player, elo: 1_000 }] })),
  );
  return opened.map((each, index) => ({ ...each, ticket: tickets[index]?.id ?? "" }));
};
type Playing = Awaited<ReturnType<typeof queued>>;
const allAre = (state: string, players: Playing) =>
  expect.poll(() => players.map((each) => each.state()), limit).toEqual(players.map(() => state));
const presenceOf = ({ teams, left = [] }: Match) =>
  Object.fromEntries([...teams.flatMap((team) => team.players), ...left].map(({ id, presence }) => [id, presence]));

describe("a queue with ready check, session and ratings", { timeout: 60_000 }, () => {
  it("asks, waits, plays, ends and rates, once", async () => {
    const [ann, bob] = (await queued("checked", "ann", "bob")) as [Playing[0], Playing[0]];
    await allAre("pending", [ann, bob]);
    const id = ann.match();
    expect(await ann.client.accept(id)).toMatchObject({ state: "forming" });
    expect(await bob.client.accept(id)).toMatchObject({ state: "open", joined: 0 });
    await allAre("inmatch", [ann, bob]);
    await expect(realm.joinMatch(id, "cat")).rejects.toMatchObject({ code: "NOT_IN_MATCH", status: 403 });
    expect(await ann.client.join(id)).toMatchObject({ state: "open", joined: 1 });
    expect(await bob.client.join(id)).toMatchObject({ state: "live", joined: 2 });
    const ended = await realm.endMatch(id, { ann: 3, bob: 1 });
    expect(await realm.endMatch(id, { ann: 1, bob: 3 }, { places: { "1": 1, "2": 2 } })).toEqual(ended);
    expect(presenceOf(ended)).toEqual({ ann: "PLAYED", bob: "PLAYED" });
    await allAre("idle", [ann, bob]);
    expect(await realm.ratings("ann")).toMatchObject({ ratings: { checked: { matches: 1 } } });
    // Without elo: the rating that Muster keeps.
    const again = await ann.client.queue("checked", { players: [{ id: "ann" }] });
    expect(again.players[0]?.elo).toBeGreaterThan(1_200);
    const named = await realm.change(again.id, { version: 1, players: [{ id: "ann", elo: 900 }] });
    expect(named.players).toEqual([{ id: "ann", elo: 900 }]);
    expect((await ann.client.change(again.id, { version: 2, players: [{ id: "ann" }] })).players).toEqual(
      again.players,
    );
    await realm.cancelTicket(again.id);
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("sends who accepted back to the front when the other is silent, who may not queue for a while", async () => {
    const [cat, dan] = (await queued("checked", "cat", "dan")) as [Playing[0], Playing[0]];
    await allAre("pending", [cat, dan]);
    const before = await realm.getTicket(cat.ticket);
    await cat.client.accept(cat.match());
    await expect.poll(cat.state, limit).toBe("inqueue");
    const back = await realm.getTicket(cat.ticket);
    expect(back).toMatchObject({ status: "queued", createdAt: before.createdAt });
    await expect.poll(dan.state, limit).toBe("idle");
    expect(await realm.getTicket(dan.ticket)).toMatchObject({ status: "cancelled", reason: "silent" });
    const refused = dan.client.queue("checked", { players: [{ id: "dan", elo: 1_000 }] });
    await expect(refused).rejects.toMatchObject({ code: "COOLDOWN" });
    await cat.client.cancel(cat.ticket);
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("dissolves when one declines", async () => {
    const [eve, fay] = (await queued("checked", "eve", "fay")) as [Playing[0], Playing[0]];
    await allAre("pending", [eve, fay]);
    const id = eve.match();
    await eve.client.accept(id);
    expect(await fay.client.decline(id)).toMatchObject({ state: "ended", dissolved: "declined" });
    await expect.poll(eve.state, limit).toBe("inqueue");
    await expect(eve.client.join(id)).rejects.toMatchObject({ code: "MATCH_ENDED" });
    await eve.client.cancel(eve.ticket);
    expect(await inconsistenciesOf(system)).toEqual([]);
  });
});

describe("a session with a time to begin at", { timeout: 60_000 }, () => {
  it("begins then with those who are there, and calls who isn't a no-show before", async () => {
    const [lea, mia, noa] = (await queued("timed", "lea", "mia", "noa")) as [Playing[0], Playing[0], Playing[0]];
    await allAre("inmatch", [lea, mia, noa]);
    const id = lea.match();
    await lea.client.join(id);
    const { startsAt = 0 } = await mia.client.join(id);
    await expect.poll(noa.state, limit).toBe("idle");
    expect(await realm.getTicket(noa.ticket)).toMatchObject({ status: "cancelled", reason: "noShow" });
    expect((await realm.getMatch(id)).startedAt).toBeUndefined();
    await expect.poll(async () => (await realm.getMatch(id)).startedAt, limit).toBeGreaterThanOrEqual(startsAt);
    expect(await realm.getMatch(id)).toMatchObject({ joined: 2, left: [{ id: "noa", reason: "noShow" }] });
    await realm.endMatch(id);
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("dissolves then when too few are there: they are back at the front, with the time that they waited", async () => {
    const [ora, pam] = (await queued("timed", "ora", "pam")) as [Playing[0], Playing[0]];
    await allAre("inmatch", [ora, pam]);
    const id = ora.match();
    const before = await realm.getTicket(ora.ticket);
    await ora.client.join(id);
    await expect.poll(ora.state, limit).toBe("inqueue");
    expect(await realm.getMatch(id)).toMatchObject({ state: "ended", dissolved: "tooFew" });
    const back = await realm.getTicket(ora.ticket);
    expect(back).toMatchObject({ status: "queued", createdAt: before.createdAt });
    // Whoever comes next is matched with it: it is the oldest.
    const [quy] = (await queued("timed", "quy")) as [Playing[0]];
    await allAre("inmatch", [ora, quy]);
    expect(quy.match()).toBe(ora.match());
    expect(pam.state()).toBe("idle");
    await realm.endMatch(ora.match());
    expect(await inconsistenciesOf(system)).toEqual([]);
  });
});

describe("a session with room", { timeout: 60_000 }, () => {
  it("fills the places of no-shows and of those who leave from the queue", async () => {
    const [gus, hal, ida] = (await queued("room", "gus", "hal", "ida")) as [Playing[0], Playing[0], Playing[0]];
    await allAre("inmatch", [gus, hal, ida]);
    const id = gus.match();
    await gus.client.join(id);
    await hal.client.join(id);
    // ida never arrives.
    await expect.poll(ida.state, limit).toBe("idle");
    await expect.poll(async () => (await realm.getMatch(id)).startedAt, limit).toBeDefined();
    expect(presenceOf(await realm.getMatch(id))).toEqual({ gus: "ATTENDED", hal: "ATTENDED", ida: "LEFT" });
    const [jon] = (await queued("room", "jon")) as [Playing[0]];
    await expect.poll(jon.match, limit).toBe(id);
    expect(await jon.client.join(id)).toMatchObject({ joined: 3 });
    expect(await hal.client.leave(id)).toMatchObject({ left: [{ id: "ida" }, { id: "hal" }] });
    await expect.poll(hal.state, limit).toBe("idle");
    const refused = hal.client.queue("room", { players: [{ id: "hal", elo: 1_000 }] });
    await expect(refused).rejects.toMatchObject({ code: "COOLDOWN" });
    const kim = await open("kim");
    expect(await kim.client.spectate(id)).toMatchObject({ spectators: ["kim"] });
    await expect(realm.enqueue("room", { players: [{ id: "kim", elo: 1_000 }] })).rejects.toMatchObject({
      code: "PLAYER_BUSY",
    });
    await realm.endMatch(id);
    await allAre("idle", [gus, jon]);
    expect(await realm.getPlayer("kim")).toMatchObject({ state: "idle" });
    expect(await inconsistenciesOf(system)).toEqual([]);
  });
});
