import { setTimeout as sleep } from "node:timers/promises";
import { Samples } from "@muster/cli";
import type { StateFrame } from "@muster/core";
import { connect, createKeys, disconnect, formatPlayerState } from "@muster/store";
import { startTestRedis } from "@muster/store/testing";
import { WebSocket } from "ws";
import type { Bench } from "../bench.ts";
import { startChild } from "../child.ts";
import { cpuBetween, noteOfOthers, readCpu, readRssMiB } from "../cpu.ts";
import { writePatientQueues } from "../pipeline/patient-queues.ts";
import { DURABLE } from "../pipeline/pipeline.ts";
import type { RoleCalls } from "../pipeline/role-process.ts";

const WATCHED = 100_000;
const CHANGES_PER_S = 2_000;
const PER_FRAME = 500;
const TICK_MS = 5;
/** Players whose state changes while Redis is away: the resync is over when all of them were told. */
const MISSED = 1_000;
const RESYNC_LIMIT_MS = 30_000;
const SETTLE_MS = 3_000;
const keys = createKeys("main");
const player = (index: number) => `watched-${index}`;

export const relay: Bench = {
  name: "relay",
  about: `${WATCHED.toLocaleString("en-US")} watched players on one playserver, ${CHANGES_PER_S} changes of state a second`,
  seed: 0,
  async run({ quick, signal, say }) {
    await using held = new AsyncDisposableStack();
    const queues = await writePatientQueues(held);
    const redis = held.adopt(await startTestRedis({ args: DURABLE }), (started) => started.stop());
    const child = held.use(startChild<RoleCalls>(new URL("../pipeline/role-process.ts", import.meta.url), signal));
    const env = { REDIS_URL: redis.url, MUSTER_QUEUES: queues, MUSTER_NAME: "playserver-1", MUSTER_PORT: "0" };
    const { port } = await child.ask("start", { role: "playserver", env });
    const writer = held.adopt(connect(redis.url, "bench", "main"), disconnect);
    await writer.connect();
    const measured = [{ name: "playserver", pid: child.pid }];
    const rss = () => (readRssMiB(measured).get("playserver") ?? Number.NaN) * 2 ** 20;

    const realm = await openRealm(`ws://127.0.0.1:${port}/v1/realm`, signal);
    held.defer(() => realm.close());
    await sleep(SETTLE_MS, undefined, { signal });
    const rssBefore = rss();
    say(`watching ${WATCHED} players`);
    for (let from = 0; from < WATCHED; from += PER_FRAME) {
      realm.watch(Array.from({ length: PER_FRAME }, (_, index) => player(from + index)));
    }
    await realm.until(() => realm.told >= WATCHED);
    await sleep(SETTLE_MS, undefined, { signal });
    const bytesPerWatch = (rss() - rssBefore) / WATCHED;

    let version = 1;
    const change = (indexes: readonly number[]) => {
      version += 1;
      const state = formatPlayerState({ state: "inqueue", version, at: version, tries: 0, queue: "duel" });
      realm.expect(indexes.map(player), version);
      return writer.mset(Object.fromEntries(indexes.map((index) => [keys.playerState(player(index)), state])));
    };
    const forMs = quick ? 3_000 : 15_000;
    say(`${CHANGES_PER_S} changes/s for ${forMs / 1_000} s`);
    const cpuBefore = readCpu(measured);
    const beginAt = performance.now();
    for (let sent = 0; sent < (forMs * CHANGES_PER_S) / 1_000; ) {
      await sleep(TICK_MS, undefined, { signal });
      const due = Math.floor(((performance.now() - beginAt) * CHANGES_PER_S) / 1_000);
      // Each its own command, as changes of different matches are; 7,919 is prime, so all players come in turn.
      await Promise.all(Array.from({ length: due - sent }, () => change([(sent++ * 7_919) % WATCHED])));
    }
    await realm.until(() => realm.expected === 0);
    const cpuAfter = readCpu(measured);
    const use = cpuBefore && cpuAfter ? cpuBetween(cpuBefore, cpuAfter) : null;
    const notifyMs = realm.takeSamples();

    say("cutting the playserver's connections to Redis");
    await writer.call("CLIENT", "KILL", "TYPE", "pubsub");
    const cutAt = performance.now();
    await change(Array.from({ length: MISSED }, (_, index) => index * (WATCHED / MISSED)));
    await realm.until(() => realm.expected === 0);
    const resyncMs = performance.now() - cutAt;
    return {
      figures: {
        notifyMs: { p50: notifyMs.percentile(50), p99: notifyMs.percentile(99), most: notifyMs.percentile(100) },
        ...{ bytesPerWatch, resyncMs, changes: notifyMs.count, lost: realm.expected },
        cores: use?.cores.get("playserver") ?? null,
      },
      rows: [
        { figure: "notifyMs.p50", label: "from the write to the frame, p50", unit: "ms" },
        { figure: "notifyMs.p99", label: "the same, p99", unit: "ms" },
        { figure: "notifyMs.most", label: "the same, longest", unit: "ms" },
        { figure: "changes", label: "changes" },
        { figure: "lost", label: "changes that were not told" },
        { figure: "bytesPerWatch", label: "memory of the playserver per watch", unit: "B" },
        { figure: "cores", label: "CPU of the playserver", unit: "cores" },
        { figure: "resyncMs", label: `all ${MISSED} changes told after a lost connection to Redis`, unit: "ms" },
      ],
      goals: [
        { figure: "notifyMs.p99", below: 10 },
        { figure: "lost", exactly: 0, isInvariant: true },
      ],
      notes: [
        "One realm, directly at the playserver; writer and realm are this process. Memory is RSS after all are told, before and after.",
        ...noteOfOthers(Math.max(0, (use?.otherCores ?? 0) - 0.5)),
      ],
    };
  },
};

const openRealm = async (url: string, signal: AbortSignal) => {
  const socket = new WebSocket(url);
  const seen = new Set<string>();
  const sentAt = new Map<string, { version: number; at: number }>();
  let samples = new Samples();
  let look = () => {};
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  socket.on("message", (data) => {
    const frame: StateFrame = JSON.parse(String(data));
    if (frame.op !== "state") return;
    if (frame.version === 0) seen.add(frame.player);
    const sent = sentAt.get(frame.player);
    if (sent && frame.version >= sent.version) {
      samples.add(performance.now() - sent.at);
      sentAt.delete(frame.player);
    }
    look();
  });
  return {
    get told() {
      return seen.size;
    },
    /** Changes that were written and not told. */
    get expected() {
      return sentAt.size;
    },
    watch: (players: string[]) => socket.send(JSON.stringify({ op: "watch", players })),
    expect: (players: string[], version: number) => {
      for (const each of players) sentAt.set(each, { version, at: performance.now() });
    },
    takeSamples: () => {
      const taken = samples;
      samples = new Samples();
      return taken;
    },
    /** Gives up after a while: then what is missing shows in the figures. */
    until: async (holds: () => boolean) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(RESYNC_LIMIT_MS)]);
      await new Promise<void>((resolve) => {
        look = () => holds() && resolve();
        limit.addEventListener("abort", () => resolve());
        look();
      });
      look = () => {};
      signal.throwIfAborted();
    },
    close: () => socket.terminate(),
  };
};
