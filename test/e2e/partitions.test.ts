import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSystem, startSystem } from "@muster/cli";
import { partitionOfId, type TicketRequest } from "@muster/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPlayer } from "../support/player.ts";
import { openRealm, type TestRealm } from "../support/realm.ts";
import { inconsistenciesOf, processNamed } from "../support/system.ts";

/** Two partitions in one system, through the whole pipeline. */
const duel = {
  ...{ teams: { count: 2, size: 1 }, maxPartySize: 1, steps: [{ fromTry: 0 }] },
  ...{ retryEveryMs: 200, expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 1_000 },
};
const queuesFile = { queues: { duel, pairs: { ...duel, partition: "eu", graceMs: 20_000 } } };
const PARTITIONS = ["main", "eu"];
const limit = { timeout: 15_000 };

let folder: string;
let system: RunningSystem;
/** Two realms: each enqueues and watches through connections of its own. */
let realm: TestRealm;
let other: TestRealm;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-partitions-"));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(queuesFile));
  system = await startSystem({ queues, movers: 2 });
  [realm, other] = await Promise.all([openRealm(system.url), openRealm(system.url)]);
});
afterAll(async () => {
  await realm?.close();
  await other?.close();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const solo = (id: string): TicketRequest => ({ players: [{ id, elo: 1_000 }] });
const enqueue = async (queue: string, id: string, at = realm) => {
  realm.client.watch([id]);
  return at.client.enqueue(queue, solo(id));
};
const versionsOf = (id: string) => realm.told.filter(({ player }) => player === id).map(({ version }) => version);
/** Which partitions each mover says that it leads. */
const leadsByMover = async (): Promise<string[][]> => {
  const movers = system.processes.filter(({ role }) => role === "mover");
  const probes = await Promise.all(movers.map((mover) => mover.probe()));
  return probes.map(({ body }) => (body as { leads?: string[] } | undefined)?.leads ?? []);
};

describe("two partitions", () => {
  it("have players meet within each of them, never across", async () => {
    const [ann, bob] = [await enqueue("duel", "ann"), await enqueue("pairs", "bob", other)];
    expect([ann, bob].map(({ id }) => partitionOfId(id))).toEqual([undefined, "eu"]);
    await Promise.all([enqueue("duel", "cid", other), enqueue("pairs", "dan")]);
    await realm.until(["ann", "bob", "cid", "dan"], "inmatch");
    const matches = new Map(["ann", "bob", "cid", "dan"].map((id) => [id, realm.states.get(id)?.match ?? ""]));
    expect(matches.get("ann")).toBe(matches.get("cid"));
    expect(matches.get("bob")).toBe(matches.get("dan"));
    expect(partitionOfId(matches.get("bob") ?? "")).toBe("eu");
    const match = await other.client.getMatch(matches.get("bob") ?? "");
    expect(match).toMatchObject({ queue: "pairs" });
    expect(await realm.client.getTicket(bob.id)).toMatchObject({ status: "matched", match: match.id });
  });

  it("keep a player who is in one out of the other, until its match is over", async () => {
    const busy = { code: "PLAYER_BUSY", players: [{ id: "ann", state: "inmatch", queue: "duel" }] };
    await expect(enqueue("pairs", "ann", other)).rejects.toMatchObject({ problem: busy });
    await other.client.endMatch(realm.states.get("ann")?.match ?? "");
    const { id } = await enqueue("pairs", "ann", other);
    await realm.until(["ann"], "inqueue");
    expect(await other.client.getPlayer("ann")).toMatchObject({ state: "inqueue", queue: "pairs", ticket: id });
    expect(await other.client.cancelTicket(id)).toMatchObject({ outcome: "cancelled" });
    await realm.until(["ann"], "idle");
    // And back.
    await enqueue("duel", "ann");
    await enqueue("duel", "eve", other);
    await realm.until(["ann", "eve"], "inmatch");
    const versions = versionsOf("ann");
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(realm.states.get("ann")?.version).toBe((await other.client.getPlayer("ann")).version);
  });

  it("have who watches a match of the other one be in that other one", async () => {
    const match = realm.states.get("bob")?.match ?? "";
    realm.client.watch(["fay"]);
    await other.client.spectateMatch(match, "fay");
    await realm.until(["fay"], "inspector");
    await expect(enqueue("duel", "fay")).rejects.toMatchObject({ code: "PLAYER_BUSY" });
    await other.client.leaveMatch(match, "fay");
    await realm.until(["fay"], "idle");
    const { id } = await enqueue("duel", "fay");
    await other.client.cancelTicket(id);
  });

  it("make a player who is gone away in the partition in which it waits", async () => {
    const gil = await openPlayer(system.url, "gil");
    const { id } = await enqueue("pairs", "gil");
    await expect.poll(() => gil.state()?.state, limit).toBe("inqueue");
    // Its presence follows its claim with the next refresh, or when its connection ends.
    await gil.client.close();
    await expect.poll(async () => (await realm.client.getTicket(id)).away, limit).toEqual(["gil"]);
    await realm.client.cancelTicket(id);
  });

  it("answer for ids of a partition that there is not as for any unknown id", async () => {
    await expect(realm.client.getTicket("t_mars.1")).rejects.toMatchObject({ code: "TICKET_NOT_FOUND" });
    await expect(realm.client.getMatch("m_mars.1")).rejects.toMatchObject({ code: "MATCH_NOT_FOUND" });
  });

  it("are led by a mover each, and go on both when either is killed", { timeout: 120_000 }, async () => {
    await expect
      .poll(async () => (await leadsByMover()).map(({ length }) => length), { timeout: 40_000 })
      .toEqual([1, 1]);
    for (const name of ["mover-1", "mover-2"]) {
      processNamed(system, name).kill("SIGKILL");
      const players = PARTITIONS.flatMap((partition) => [1, 2].map((n) => `${partition}-${name}-${n}`));
      await Promise.all(players.map((id) => enqueue(id.startsWith("eu") ? "pairs" : "duel", id)));
      await realm.until(players, "inmatch", 30_000);
      await system.ready();
    }
  });

  it("leave nothing inconsistent", async () => {
    for (const partition of PARTITIONS) expect(await inconsistenciesOf(system, partition)).toEqual([]);
  });
});
