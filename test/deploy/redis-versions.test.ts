import { systemClock } from "@muster/core/service";
import {
  connect,
  connectForCommits,
  FencedError,
  openPlayerFeed,
  openProducer,
  openStore,
  openWorker,
  type Store,
  toCommitJob,
} from "@muster/store";
import { commitAll, duelProposal, findInconsistencies, sampleQueue, solo } from "@muster/store/testing";
import type { Redis } from "ioredis";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { prepareRedisImages } from "./base-images.ts";
import { startEngine } from "./engine.ts";

/** What Muster asks of Redis, on each version that may be met: scripts, transactions, jobs and announcements. */
const engine = await startEngine();
const NONE = [{ name: "any version", image: "", program: "" }];
const images = engine ? await prepareRedisImages() : NONE;
// Its reaper of forgotten containers is an image of its own, which can't be had without a registry.
process.env.TESTCONTAINERS_RYUK_DISABLED = "true";

const START_LIMIT_MS = 60_000;
const RACES = 300;
const duel = sampleQueue();
const queues = new Map([[duel.name, duel]]);

afterAll(() => engine?.stop(), START_LIMIT_MS);

describe.skipIf(!engine).each(images)("$name", { timeout: 60_000 }, ({ image, program, name }) => {
  let container: StartedTestContainer;
  let url: string;
  let store: Store;
  let raw: Redis;
  let commits: Redis;
  beforeAll(async () => {
    container = await new GenericContainer(image)
      .withCommand([program, "--protected-mode", "no", "--save", "", "--appendonly", "no"])
      .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
      .start();
    // Not by a published port, which others could reach as well.
    url = `redis://${container.getIpAddress("bridge")}:6379`;
    store = await openStore({ url, partition: "main", name: "versions", clock: systemClock });
    raw = connect(url, "versions-raw", "main");
    commits = connectForCommits(url, "versions-commit", "main");
    await Promise.all([raw.connect(), commits.connect()]);
  }, START_LIMIT_MS);
  afterAll(async () => {
    for (const connection of [commits, raw]) connection?.disconnect();
    await store?.close();
    await container?.stop();
  }, START_LIMIT_MS);
  beforeEach(async () => {
    await raw.flushall();
    await store.holdLease("me", 60_000);
  });

  const enqueue = (...players: string[]) =>
    store.enqueueTickets(
      duel,
      players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
    );
  const duelOf = (match: string, ...players: string[]) =>
    duelProposal(
      match,
      players.map((player) => [`t_${player}`, player]),
    );
  const inconsistencies = () => findInconsistencies(raw, store.keys);

  it("is the server that it is called by", async () => {
    const [kind = "", version = ""] = name.split(" ");
    const info = await raw.info("server");
    expect(info).toMatch(new RegExp(`^${kind.toLowerCase()}_version:${version.replace(".", "\\.")}`, "m"));
  });

  it("takes tickets into all indexes, has them found and ended", async () => {
    await enqueue("ann", "bob", "cat");
    const range = { low: 900, high: 1_100, centre: 1_000, limit: 10 };
    expect(await store.readRange("duel", range)).toHaveLength(3);
    expect(await store.endTicket("t_ann", "cancelled")).toEqual({ outcome: "cancelled" });
    expect(await store.readRange("duel", range)).toHaveLength(2);
    expect(await store.readPlayer("ann")).toMatchObject({ state: "idle" });
    expect(await inconsistencies()).toEqual([]);
  });

  it("commits matches, but none of a ticket that changed, and none by a mover that was fenced off", async () => {
    await enqueue("ann", "bob", "cat", "dan");
    await store.endTicket("t_dan", "cancelled");
    const proposals = [duelOf("m_1", "ann", "bob"), duelOf("m_2", "cat", "dan")];
    expect(await commitAll(store, commits, queues, proposals)).toEqual(["committed", "conflict"]);
    expect(await store.readPlayer("bob")).toMatchObject({ state: "inmatch", match: "m_1" });
    await enqueue("eve", "fay");
    const late = commitAll(store, commits, queues, [duelOf("m_3", "eve", "fay")], "another");
    await expect(late).rejects.toBeInstanceOf(FencedError);
    expect(await inconsistencies()).toEqual([]);
  });

  it("gives a cancel that races a commit the one true outcome", async () => {
    const counts = { cancelled: 0, matched: 0 };
    for (let race = 0; race < RACES; race++) {
      const [a, b] = [`a${race}`, `b${race}`];
      await enqueue(a, b);
      // Either begins first, and the other within the time that it takes.
      const after = async (pings: number) => {
        for (let n = 0; n < pings; n++) await store.ping();
      };
      const pings = Math.floor(race / 2) % 3;
      const cancelAfter = race % 2 === 0 ? pings : 0;
      const [cancel] = await Promise.all([
        after(cancelAfter).then(() => store.endTicket(`t_${a}`, "cancelled")),
        after(pings - cancelAfter).then(() => commitAll(store, commits, queues, [duelOf(`m_${race}`, a, b)])),
      ]);
      const matched = cancel?.outcome === "matched";
      counts[matched ? "matched" : "cancelled"] += 1;
      const states = await Promise.all([store.readPlayer(a), store.readPlayer(b)]);
      expect(states.map(({ state }) => state)).toEqual(matched ? ["inmatch", "inmatch"] : ["idle", "inqueue"]);
    }
    // Without both outcomes, nothing has raced.
    expect(Math.min(counts.cancelled, counts.matched)).toBeGreaterThan(0);
    expect(await inconsistencies()).toEqual([]);
  });

  it("announces changed states, once it is told to, in the order of their versions", async () => {
    await raw.config("SET", "notify-keyspace-events", "");
    const versions: number[] = [];
    const feed = await openPlayerFeed({
      ...{ url, keys: store.keys, name: "versions-feed" },
      onState: (_, { version }) => versions.push(version),
    });
    onTestFinished(() => feed.close());
    feed.hold(["ann"]);
    for (let round = 0; round < 20; round++) {
      await store.enqueueTickets(duel, [{ id: `t_${round}`, request: solo("ann") }]);
      await store.endTicket(`t_${round}`, "cancelled");
    }
    const { version } = await store.readPlayer("ann");
    await expect.poll(() => versions.at(-1), { timeout: 20_000 }).toBe(version);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it("hands jobs on", async () => {
    const options = { url, keys: store.keys, name: "versions" };
    const done = Promise.withResolvers<unknown>();
    const worker = openWorker("commit", { ...options, concurrency: 1, onError: done.reject }, async (job) =>
      done.resolve(job),
    );
    onTestFinished(() => worker.close());
    const producer = openProducer("commit", options);
    onTestFinished(() => producer.close());
    const job = toCommitJob("duel", [duelOf("m_1", "ann", "bob")], "versions");
    await producer.add(job);
    expect(await done.promise).toEqual(job);
  });
});
