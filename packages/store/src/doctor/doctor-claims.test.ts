import { systemClock, systemRandom } from "@muster/core/service";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { claimKey, createKeys } from "../keys.ts";
import { openPartitions, type Partitions } from "../partitions/open-partitions.ts";
import { openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";
import { type Doctor, openDoctor } from "./open-doctor.ts";

const pairs = sampleQueue({ name: "pairs", teams: { count: 2, size: 2 }, maxPartySize: 2 });
const ranked = { ...sampleQueue({ name: "ranked" }), partition: "eu" };
const queues = new Map([pairs, ranked].map((queue) => [queue.name, queue]));

let test: TestStore;
let partitions: Partitions;
let main: Doctor;
let eu: Doctor;
const open = (partition: string) =>
  openDoctor({
    ...{ url: test.redis.url, partition, name: `doctor-${partition}`, clock: systemClock },
    queue: (name) => queues.get(name),
    deployment: { home: "main", partitions: ["main", "eu"], random: systemRandom },
  });
beforeAll(async () => {
  test = await openTestStore();
  partitions = await openPartitions({
    ...{ url: test.redis.url, queues, home: "main", name: "test", clock: systemClock, random: systemRandom },
  });
  [main, eu] = [await open("main"), await open("eu")];
});
afterAll(async () => {
  await Promise.all([main?.close(), eu?.close(), partitions?.close()]);
  await test?.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
});

const party = { players: ["ann", "bob"].map((id) => ({ id, elo: 1_000 })) };
/** As nobody does: without a look at claims. */
const enqueueInMain = () => partitions.of("main").enqueueTickets(pairs, [{ id: "t_1", request: party }]);
const enqueueInEu = () => partitions.of("eu").enqueueTickets(ranked, [{ id: "t_eu.1", request: solo("ann") }]);
const look = (doctor: Doctor) => Array.fromAsync(doctor.examine());
const found = async (doctor: Doctor) => (await look(doctor)).map(({ kind, id }) => `${kind} ${id}`).sort();
const mendAll = async (doctor: Doctor) => {
  const faults = await look(doctor);
  const outcomes = [];
  for (const fault of faults) outcomes.push(await doctor.mend(fault));
  for (const fault of faults) expect(await doctor.mend(fault)).toBe(outcomes[0] === "left" ? "left" : "gone");
  return outcomes;
};
const mendedIn = async (partition: string) => {
  const entries = await test.raw.xrange(createKeys(partition).events, "-", "+");
  return entries.map(([, fields]) => fields.join(" ")).filter((text) => text.startsWith("type mended "));
};

it("finds nothing wrong with who is where its claim says", async () => {
  await partitions.routed.enqueueTickets(pairs, [{ id: "t_1", request: party }]);
  await partitions.routed.enqueueTickets(ranked, [{ id: "t_eu.1", request: solo("cat") }]);
  expect([...(await found(main)), ...(await found(eu))]).toEqual([]);
});

it("takes a player out of the queue that its claim doesn't name, with its party", async () => {
  await enqueueInMain();
  await enqueueInEu();
  await test.raw.set(claimKey("ann"), "eu 5 entered");
  expect(await found(eu)).toEqual([]);
  expect(await found(main)).toEqual(["player-in-two ann"]);
  expect(await mendAll(main)).toEqual(["mended"]);
  expect(await partitions.of("main").readTicket("t_1")).toMatchObject({ status: "cancelled", reason: "mended" });
  for (const player of ["ann", "bob"]) {
    expect(await partitions.of("main").readPlayer(player)).toMatchObject({ state: "idle" });
  }
  expect(await partitions.routed.readPlayer("ann")).toMatchObject({ state: "inqueue", ticket: "t_eu.1" });
  expect(await mendedIn("main")).toEqual([expect.stringContaining("kind player-in-two about player id ann")]);
  expect([...(await found(main)), ...(await found(eu))]).toEqual([]);
});

it("leaves a player in two who plays in the one that its claim doesn't name", async () => {
  await enqueueInEu();
  await test.raw.set(createKeys("main").playerState("ann"), "inspector 7 7 0 - - m_1 pairs");
  await test.raw.hset(createKeys("main").match("m_1"), {
    made: `pairs live 1 1 ${systemClock.now() + 60_000} {"teams":[],"spectators":["ann"],"startedAt":1}`,
  });
  await test.raw.zadd(createKeys("main").matchDue, systemClock.now() + 60_000, "m_1");
  await test.raw.set(claimKey("ann"), "eu 5 entered");
  expect(await found(main)).toEqual(["player-in-two ann"]);
  expect(await mendAll(main)).toEqual(["left"]);
});

it("brings the claim to where a player is busy, and nowhere else can it become so from then on", async () => {
  await enqueueInEu();
  expect(await found(main)).toEqual([]);
  expect(await found(eu)).toEqual(["wrong-claim ann"]);
  expect(await mendAll(eu)).toEqual(["mended"]);
  expect(await test.raw.get(claimKey("ann"))).toMatch(/^eu \d+ entered \d+$/);
  expect(await test.raw.get(createKeys("main").playerState("ann"))).toMatch(/^elsewhere /);
  expect(await mendedIn("eu")).toEqual([expect.stringContaining("kind wrong-claim about player id ann")]);
  const [outcome] = await partitions.routed.enqueueTickets(pairs, [{ id: "t_1", request: party }]);
  expect(outcome).toMatchObject({ outcome: "busy", players: [{ id: "ann", state: { ticket: "t_eu.1" } }] });
  expect([...(await found(main)), ...(await found(eu))]).toEqual([]);
});

it("lets a player arrive whose claim was left on its way, once that takes too long", async () => {
  const [sealed] = await partitions.of("main").sealPlayers([{ player: "ann", epoch: 0 }], false);
  expect(sealed?.outcome).toBe("sealed");
  await test.raw.set(claimKey("ann"), `eu ${systemClock.now() - 30_000} entering`);
  expect(await found(main)).toEqual([]);
  await test.raw.set(claimKey("ann"), `eu ${systemClock.now() - 70_000} entering`);
  expect(await found(main)).toEqual(["wrong-claim ann"]);
  expect(await mendAll(main)).toEqual(["mended"]);
  expect(await test.raw.get(claimKey("ann"))).toMatch(/^eu \d+ entered \d+$/);
  expect([...(await found(main)), ...(await found(eu))]).toEqual([]);
});

it("reports a claim that can't be read", async () => {
  await enqueueInEu();
  await test.raw.set(claimKey("ann"), "eu");
  expect(await found(eu)).toEqual(["wrong-claim ann"]);
  expect(await mendAll(eu)).toEqual(["left"]);
});

it("raises no false alarm while players go from partition to partition", async () => {
  let looks = 0;
  let busy = true;
  let moves = 0;
  const move = async (player: string) => {
    for (let n = 0; busy; n++) {
      const queue = n % 2 === 0 ? pairs : ranked;
      const id = `${n % 2 === 0 ? "t_" : "t_eu."}${player}-${n}`;
      const [outcome] = await partitions.routed.enqueueTickets(queue, [{ id, request: solo(player) }]);
      expect(outcome?.outcome).toBe("queued");
      await partitions.routed.endTicket(id, "cancelled");
      moves += 1;
    }
  };
  const watch = async () => {
    for (; looks < 20 || moves < 100; looks++) {
      expect([...(await found(main)), ...(await found(eu))]).toEqual([]);
    }
  };
  const moving = Promise.all(["ann", "bob", "cat", "dan"].map(move));
  await watch().finally(() => {
    busy = false;
  });
  await moving;
}, 60_000);
