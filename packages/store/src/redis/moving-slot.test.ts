import { systemClock } from "@muster/core/service";
import { expect, it, onTestFinished } from "vitest";
import { openStore } from "../store.ts";
import { askRedis, findInconsistencies, sampleQueue, solo, startTestCluster } from "../testing/index.ts";

const duel = sampleQueue({ graceMs: 5_000 });
const pairs = sampleQueue({ name: "pairs", teams: { count: 2, size: 2 }, maxPartySize: 2, graceMs: 5_000 });
const queueOf = (name: string) => [duel, pairs].find((queue) => queue.name === name);

it("while a slot moves, what was empty for a moment can't be made again: no call needs that", async () => {
  const cluster = await startTestCluster();
  onTestFinished(() => cluster.stop());
  const store = await openStore({ url: cluster.url, partition: "main", name: "test", clock: systemClock });
  onTestFinished(() => store.close());
  const owner = await cluster.ownerOf("main");
  await store.enqueueTickets(duel, [{ id: "t_ann", request: solo("ann") }]);
  const party = [...solo("bob").players, ...solo("cat").players];
  await store.enqueueTickets(pairs, [{ id: "t_party", request: { players: party } }]);
  await store.connectPlayers(queueOf, "token", ["bob"]);

  const ids = await Promise.all(cluster.nodes.map((node) => askRedis(node.url, (redis) => redis.cluster("MYID"))));
  const other = ids.find((_, index) => cluster.nodes[index]?.port !== owner.port);
  const setSlot = (...to: string[]) =>
    askRedis(owner.url, async (redis) => {
      await redis.call("CLUSTER", "SETSLOT", String(await redis.cluster("KEYSLOT", "{main}")), ...to);
    });
  await setSlot("MIGRATING", String(other));
  // Alone in its bucket, and in the same one before and after.
  const changed = await store.changeTicket(duel, "t_ann", 1, { players: [{ id: "ann", elo: 1_001 }] });
  expect(changed?.outcome).toBe("changed");
  // After the first nobody has a connection any more.
  await store.disconnectPlayers(queueOf, "token", ["bob", "cat"]);
  expect((await store.readTicket("t_party"))?.away).toEqual(["bob"]);
  await expect(store.enqueueTickets(duel, [{ id: "t_eve", request: solo("eve") }])).rejects.toMatchObject({
    code: "STORE_UNAVAILABLE",
  });
  await setSlot("STABLE");
  expect(await askRedis(owner.url, (redis) => findInconsistencies(redis, store.keys))).toEqual([]);
}, 60_000);
