import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSystem, startSystem } from "@muster/cli";
import { RealmClient } from "@muster/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPlayer } from "../support/player.ts";
import { inconsistenciesOf } from "../support/system.ts";

/** Players with connections of their own, through the whole system. */
const queuesFile = {
  queues: {
    duel: {
      teams: { count: 2, size: 1 },
      maxPartySize: 1,
      steps: [{ fromTry: 0, eloSpread: 100 }],
      retryEveryMs: 200,
      expireAfterMs: 60_000,
      graceMs: 1_500,
      matchLengthMs: 60_000,
      maxWaiting: 1_000,
    },
  },
};

let folder: string;
let system: RunningSystem;
let realm: RealmClient;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-play-"));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(queuesFile));
  system = await startSystem({ queues });
  realm = new RealmClient({ url: system.url });
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const open = (player: string) => openPlayer(system.url, player);
const limit = { timeout: 15_000 };
const ticket = (id: string, elo = 1_000) => ({ players: [{ id, elo }] });

describe("players who are connected by themselves", { timeout: 60_000 }, () => {
  it("queue, change what they want, are matched and are told", async () => {
    const [ann, bob] = await Promise.all([open("ann"), open("bob")]);
    expect(ann.hellos[0]).toMatchObject({ id: "ann", state: "idle" });
    const queued = await ann.client.queue("duel", ticket("ann", 1_500));
    const waiting = await bob.client.queue("duel", ticket("bob"));
    await expect.poll(() => bob.state()?.ticket, limit).toBe(waiting.id);
    expect(bob.state()?.state).toBe("inqueue");
    const changed = await ann.client.change(queued.id, {
      version: queued.version,
      players: [{ id: "ann", elo: 1_010 }],
    });
    expect(changed).toMatchObject({ id: queued.id, createdAt: queued.createdAt, version: queued.version + 1 });
    for (const each of [ann, bob]) await expect.poll(() => each.state()?.state, limit).toBe("inmatch");
    const match = await realm.getMatch(ann.state()?.match ?? "");
    expect(
      match.teams
        .flatMap((team) => team.players)
        .map(({ id, elo }) => [id, elo])
        .sort(),
    ).toEqual([
      ["ann", 1_010],
      ["bob", 1_000],
    ]);
    await realm.endMatch(match.id);
    await expect.poll(() => ann.state()?.state, limit).toBe("idle");
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("are skipped while their connection is gone, and keep their place when they are back in time", async () => {
    const cat = await open("cat");
    const queued = await cat.client.queue("duel", ticket("cat"));
    await cat.client.close();
    await expect.poll(async () => (await realm.getTicket(queued.id)).away, limit).toEqual(["cat"]);
    const rival = await realm.enqueue("duel", ticket("dan"));
    // Three tries of a queue that would have matched them at the first.
    await expect.poll(async () => (await realm.getTicket(rival.id)).tries, limit).toBeGreaterThanOrEqual(3);
    expect((await realm.getTicket(rival.id)).status).toBe("queued");
    const back = await open("cat");
    expect(back.hellos[0]).toMatchObject({ state: "inqueue", ticket: queued.id, parameters: { elo: 1_000 } });
    await expect.poll(() => back.state()?.state, limit).toBe("inmatch");
    expect(await realm.getTicket(queued.id)).toMatchObject({ status: "matched", createdAt: queued.createdAt });
    await realm.endMatch(back.state()?.match ?? "");
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("lose it when they stay away", async () => {
    const eve = await open("eve");
    const queued = await eve.client.queue("duel", ticket("eve"));
    await eve.client.close();
    await expect.poll(async () => (await realm.getTicket(queued.id)).status, limit).toBe("expired");
    expect(await realm.getTicket(queued.id)).toMatchObject({ reason: "disconnected", away: ["eve"] });
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("may not act for others", async () => {
    const fay = await open("fay");
    await expect(fay.client.queue("duel", ticket("gus"))).rejects.toMatchObject({ code: "INVALID" });
  });
});
