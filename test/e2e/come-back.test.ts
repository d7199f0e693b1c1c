import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSystem, startSystem } from "@muster/cli";
import { RealmClient } from "@muster/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openPlayer } from "../support/player.ts";
import { inconsistenciesOf } from "../support/system.ts";

/** Players who come back to a Muster of which nothing runs any more that did when they left. */
const queuesFile = {
  queues: {
    duel: {
      ...{ teams: ["home", "away"].map((name) => ({ name, size: 1 })), maxPartySize: 1 },
      steps: [{ fromTry: 0, eloSpread: 100 }],
      ...{ retryEveryMs: 200, expireAfterMs: 600_000, graceMs: 300_000, matchLengthMs: 60_000, maxWaiting: 1_000 },
    },
  },
};

let folder: string;
let system: RunningSystem;
const start = () => startSystem({ queues: join(folder, "queues.json"), data: join(folder, "data") });
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-come-back-"));
  await writeFile(join(folder, "queues.json"), JSON.stringify(queuesFile));
  system = await start();
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const limit = { timeout: 30_000 };
/** What a client fills its form in with. */
const wishes = (id: string, elo: number) => ({
  players: [{ id, elo, avgPingMs: 40, attributes: { mode: "ctf" } }],
  teams: ["home"],
  attributes: { map: "bay" },
});
const shown = (id: string, elo: number) => {
  const { players, teams, attributes } = wishes(id, elo);
  return { parameters: players[0], teams, attributes };
};

it("players see what they were queued with, and resume their ticket or replace it", { timeout: 180_000 }, async () => {
  const [ann, cat] = await Promise.all(["ann", "cat"].map((player) => openPlayer(system.url, player)));
  if (!ann || !cat) throw new Error("two players");
  const queued = await ann.client.queue("duel", wishes("ann", 1_000));
  const other = await cat.client.queue("duel", wishes("cat", 2_000));

  for (const each of system.processes.filter(({ role }) => role === "playserver")) each.kill("SIGKILL");
  await expect.poll(() => ann.hellos.length, limit).toBe(2);
  expect(ann.hellos[1]).toMatchObject({ state: "inqueue", ticket: queued.id, ...shown("ann", 1_000) });

  await system.stop();
  await Promise.all([ann.client.close(), cat.client.close()]);
  system = await start();
  const realm = new RealmClient({ url: system.url });
  for (const [id, elo, ticket] of [["ann", 1_000, queued.id] as const, ["cat", 2_000, other.id] as const]) {
    expect(await realm.getPlayer(id)).toMatchObject({ state: "inqueue", queue: "duel", ticket, ...shown(id, elo) });
  }

  const back = await openPlayer(system.url, "ann");
  expect(back.hellos[0]).toMatchObject({ ticket: queued.id, ...shown("ann", 1_000) });
  await expect.poll(async () => (await realm.getTicket(queued.id)).away, limit).toBeUndefined();
  await realm.enqueue("duel", { players: [{ id: "bob", elo: 1_000 }] });
  await expect.poll(() => back.state()?.state, limit).toBe("inmatch");
  expect(await realm.getTicket(queued.id)).toMatchObject({ status: "matched", createdAt: queued.createdAt });
  await realm.endMatch(back.state()?.match ?? "");
  await expect.poll(() => back.state()?.state, limit).toBe("idle");
  expect(await realm.getPlayer("ann")).toMatchObject({ state: "idle", ...shown("ann", 1_000) });

  const again = await openPlayer(system.url, "cat");
  const renewed = await again.client.queue("duel", wishes("cat", 2_100), { replace: true });
  expect(renewed.id).not.toBe(other.id);
  expect(await realm.getTicket(other.id)).toMatchObject({ status: "cancelled" });
  expect(await realm.getPlayer("cat")).toMatchObject({ state: "inqueue", ticket: renewed.id, ...shown("cat", 2_100) });
  expect(await inconsistenciesOf(system)).toEqual([]);
});
