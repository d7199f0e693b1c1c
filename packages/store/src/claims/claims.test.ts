import { randomUUID } from "node:crypto";
import { systemClock, systemRandom } from "@muster/core/service";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { claimKey } from "../keys.ts";
import { openPartitions, type Partitions } from "../partitions/open-partitions.ts";
import { openTestStore, sampleQueue, solo, type TestStore } from "../testing/index.ts";

const duel = sampleQueue();
const ranked = { ...sampleQueue({ name: "ranked" }), partition: "eu" };
const queues = new Map([duel, ranked].map((queue) => [queue.name, queue]));

let test: TestStore;
const opened: Partitions[] = [];
const open = async (name: string) => {
  const partitions = await openPartitions({
    url: test.redis.url,
    queues,
    home: "main",
    name,
    clock: systemClock,
    random: systemRandom,
  });
  opened.push(partitions);
  return partitions;
};
let one: Partitions;
let other: Partitions;
beforeAll(async () => {
  test = await openTestStore();
  [one, other] = [await open("one"), await open("other")];
});
afterAll(async () => {
  for (const each of opened) await each.close();
  await test.stop();
});
beforeEach(() => test.raw.flushall());

const idIn = (queue: typeof duel) => (queue.partition ? `t_eu.${randomUUID()}` : `t_${randomUUID()}`);
const enqueue = async (queue: typeof duel, player: string, at = one) => {
  const id = idIn(queue);
  const [outcome] = await at.routed.enqueueTickets(queue, [{ id, request: solo(player) }]);
  return { id, outcome };
};
const stateIn = (partition: string, player: string) => test.raw.get(`{${partition}}:player:${player}:state`);

describe("a player's claim", () => {
  it("costs nothing where there is one partition only", async () => {
    const single = await openPartitions({
      ...{ url: test.redis.url, queues: new Map([["duel", duel]]), home: "main", name: "single", clock: systemClock },
      random: systemRandom,
    });
    await using _ = { [Symbol.asyncDispose]: () => single.close() };
    expect([single.claims, single.routed]).toEqual([undefined, single.home]);
  });

  it("is not needed for the deployment's own partition", async () => {
    expect((await enqueue(duel, "ann")).outcome?.outcome).toBe("queued");
    expect(await test.raw.exists(claimKey("ann"))).toBe(0);
  });

  it("keeps a player who is busy out of another partition, and says where it is", async () => {
    const { id } = await enqueue(duel, "ann");
    expect((await enqueue(ranked, "ann", other)).outcome).toMatchObject({
      outcome: "busy",
      players: [{ id: "ann", state: { state: "inqueue", queue: "duel", ticket: id } }],
    });
    expect(await stateIn("eu", "ann")).toBeNull();
  });

  it("moves with who is idle, whose versions rise from partition to partition", async () => {
    const versions: number[] = [];
    for (const queue of [duel, ranked, ranked, duel, ranked]) {
      const { id, outcome } = await enqueue(queue, "ann");
      expect(outcome?.outcome).toBe("queued");
      const waiting = await other.routed.readPlayer("ann");
      expect(waiting).toMatchObject({ state: "inqueue", ticket: id });
      await one.routed.endTicket(id, "cancelled");
      versions.push(waiting.version, (await other.routed.readPlayer("ann")).version);
    }
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
  });

  it("lets a party in only when all of it come", async () => {
    const party = { ...ranked, maxPartySize: 2 };
    await enqueue(duel, "bob");
    const request = { players: ["ann", "bob"].map((id) => ({ id, elo: 1 })) };
    const [outcome] = await one.routed.enqueueTickets(party, [{ id: idIn(ranked), request }]);
    expect(outcome).toMatchObject({ outcome: "busy", players: [{ id: "bob" }] });
    // Ann was free to come, and is free to go.
    expect((await enqueue(duel, "ann", other)).outcome?.outcome).toBe("queued");
  });

  it("answers a repeated request as the first one, wherever its player is by now", async () => {
    const ticket = { id: idIn(ranked), request: solo("ann"), digest: "d1" };
    const [first] = await one.routed.enqueueTickets(ranked, [ticket]);
    await one.routed.endTicket(ticket.id, "cancelled");
    await enqueue(duel, "ann");
    const [again] = await other.routed.enqueueTickets(ranked, [ticket]);
    expect(again).toEqual({ ...first, outcome: "replayed" });
    const [conflict] = await other.routed.enqueueTickets(ranked, [{ ...ticket, digest: "d2" }]);
    expect(conflict).toEqual({ outcome: "conflict" });
  });

  it.each([
    ["is only read by an enqueue, most of the time", 1, false],
    ["is kept for longer once it is half a day old", 13, true],
    ["is kept for longer where the release before wrote it", undefined, true],
  ])("%s", async (_, hoursAgo, isRenewed) => {
    await enqueue(ranked, "ann");
    const [partition, epoch, word, hour] = String(await test.raw.get(claimKey("ann"))).split(" ");
    const words = [partition, epoch, word, ...(hoursAgo === undefined ? [] : [Number(hour) - hoursAgo])];
    await test.raw.set(claimKey("ann"), words.join(" "), "PX", 60_000);
    const player = await one.routed.readPlayer("ann");
    await one.routed.endTicket(String(player.ticket), "cancelled");
    expect((await enqueue(ranked, "ann")).outcome?.outcome).toBe("queued");
    const left = await test.raw.pttl(claimKey("ann"));
    if (!isRenewed) return expect(left).toBeLessThanOrEqual(60_000);
    expect(left).toBeGreaterThan(3 * 86_400_000);
    const renewed = String(await test.raw.get(claimKey("ann"))).split(" ");
    expect(renewed.slice(0, 3)).toEqual([partition, epoch, word]);
    expect(Number(renewed[3])).toBeGreaterThanOrEqual(Number(hour));
  });

  it("does not let a player leave its cool-down behind", async () => {
    const cooled = { ...ranked, leaveCoolDownMs: 60_000 };
    const untilMs = one.home.clock.now() + 30_000;
    await test.raw.set(one.home.keys.coolDown("ann"), `${untilMs} 1`);
    expect((await enqueue(cooled, "ann")).outcome).toEqual({ outcome: "cooling", players: [{ id: "ann", untilMs }] });
    expect((await enqueue(ranked, "ann")).outcome?.outcome).toBe("queued");
  });
});

describe("whoever dies in the middle of a move", () => {
  const seal = async () => (await one.home.sealPlayers([{ player: "ann", epoch: 0 }], false))[0];

  it("leaves a seal in the partition of the claim, which the next enqueue there lifts", async () => {
    expect(await seal()).toMatchObject({ outcome: "sealed" });
    expect(await other.routed.readPlayer("ann")).toMatchObject({ state: "idle" });
    expect((await enqueue(duel, "ann", other)).outcome?.outcome).toBe("queued");
  });

  it("leaves a seal, which an enqueue into another partition goes on from", async () => {
    await seal();
    expect((await enqueue(ranked, "ann", other)).outcome?.outcome).toBe("queued");
  });

  it("leaves a claim that was not entered, which the next enqueue enters, and whose version is told at once", async () => {
    const sealed = await seal();
    const epoch = sealed?.outcome === "sealed" ? sealed.epoch : 0;
    await test.raw.set(claimKey("ann"), `eu ${epoch} entering`);
    expect(await other.routed.readPlayer("ann")).toMatchObject({ state: "idle", version: epoch });
    expect((await enqueue(ranked, "ann")).outcome?.outcome).toBe("queued");
    expect((await one.routed.readPlayer("ann")).version).toBeGreaterThan(epoch);
    expect(await test.raw.get(claimKey("ann"))).toMatch(new RegExp(`^eu ${epoch} entered \\d+$`));
  });

  it("acts on an old claim in vain when it wakes up", async () => {
    const [old] = (await one.claims?.read(["ann"])) ?? [];
    expect(old).toMatchObject({ partition: "main", epoch: 0 });
    await enqueue(ranked, "ann", other);
    // As one who had read the claim before, and was stopped.
    const [outcome] = await one.home.enqueueTickets(duel, [{ id: "t_late", request: solo("ann") }]);
    expect(outcome?.outcome).toBe("busy");
    expect(await stateIn("main", "ann")).toMatch(/^elsewhere /);
  });
});

it("of enqueues into two partitions at once, at many connections, one has the player: 2,000 times", {
  timeout: 240_000,
}, async () => {
  const connections = [one, other];
  while (connections.length < 50) connections.push(await open(`racer-${connections.length}`));
  const rounds = 2_000;
  let queued = 0;
  for (let round = 0; round < rounds; round += 40) {
    await Promise.all(
      Array.from({ length: 40 }, async (_, n) => {
        // A few players only, so that each is moved back and forth; four connections want each of them.
        const player = `p${n}`;
        const racers = Array.from({ length: 4 }, (_, k) => connections[(round + 7 * n + 11 * k) % connections.length]);
        const outcomes = await Promise.all(
          racers.map((racer, k) => enqueue([duel, ranked][(k + round / 40) % 2] ?? duel, player, racer)),
        );
        const winners = outcomes.filter(({ outcome }) => outcome?.outcome === "queued");
        expect(winners.length, `${player}: ${JSON.stringify(outcomes)}`).toBe(1);
        const states = await Promise.all(["main", "eu"].map((partition) => stateIn(partition, player)));
        expect(states.filter((state) => state?.startsWith("inqueue ")).length, `${player}: ${states}`).toBe(1);
        for (const { id } of winners) await one.routed.endTicket(id, "cancelled");
        queued += winners.length;
      }),
    );
  }
  expect(queued).toBe(rounds);
  expect(await test.inconsistencies()).toEqual([]);
});
