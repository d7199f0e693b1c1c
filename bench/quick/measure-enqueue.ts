import { readQueues, systemClock, systemIds } from "@muster/core/service";
import { EVENTS_PER_ENTRY, formatPlayerState, openStore, packIndexed, packRequest } from "@muster/store";
import { startTestRedis } from "@muster/store/testing";
import type { BenchContext } from "../bench.ts";
import { bareChunk, sendBare } from "../commit/bare-commands.ts";
import { readCrowd } from "../pipeline/crowd.ts";
import { writePatientQueues } from "../pipeline/patient-queues.ts";
import { DURABLE } from "../pipeline/pipeline.ts";
import { watchRedis } from "../redis-info.ts";

const PLAYERS = 20_000;
const PER_CALL = 50;
const ELO_PER_BUCKET = 25;

/** CPU of Redis per player who is enqueued, in batches of 50: by Muster, and by bare commands for the same writes. */
export const measureEnqueue = async ({ say }: BenchContext): Promise<{ scriptMicros: number; floorMicros: number }> => {
  say(`${PLAYERS} enqueues by the script and by bare commands`);
  await using held = new AsyncDisposableStack();
  const queue = (await readQueues(await writePatientQueues(held))).get("duel");
  if (!queue) throw new Error("queues.json has no queue duel");
  const redis = held.adopt(await startTestRedis({ args: DURABLE }), (started) => started.stop());
  const store = held.adopt(
    await openStore({ url: redis.url, partition: "main", name: "bench", clock: systemClock }),
    (opened) => opened.close(),
  );
  const info = held.adopt(await watchRedis(redis.url), (watch) => watch.close());
  const micros = async (work: () => Promise<unknown>) => {
    const before = (await info.read()).cpuMicros;
    await work();
    return ((await info.read()).cpuMicros - before) / PLAYERS;
  };
  const requestsOf = async (name: string) => {
    const crowd = await readCrowd(name, PLAYERS);
    return Array.from({ length: PLAYERS }, (_, n) => ({
      id: systemIds.ticket(),
      request: { players: [{ id: crowd.id(n), ...crowd.person(n) }] },
    }));
  };

  const tickets = await requestsOf("script");
  const scriptMicros = await micros(async () => {
    for (let from = 0; from < PLAYERS; from += PER_CALL) {
      await store.enqueueTickets(queue, tickets.slice(from, from + PER_CALL));
    }
  });

  const { keys } = store;
  const now = systemClock.now();
  const chunks: Buffer[] = [];
  const others = await requestsOf("bare");
  for (let from = 0; from < PLAYERS; from += PER_CALL) {
    const some = others.slice(from, from + PER_CALL);
    const states: string[] = [];
    const commands: string[][] = [];
    const told: string[] = [];
    for (const { id, request } of some) {
      const [player] = request.players;
      if (!player) continue;
      const state = { version: now, at: now, tries: 0, ticket: id, ticketVersion: 1, queue: queue.name };
      states.push(keys.playerState(player.id), formatPlayerState({ state: "inqueue", ...state }));
      const accepted = `${queue.name} ${now} ${queue.expireAfterMs} 0 ${packRequest(request)}`;
      commands.push(["HSET", keys.ticket(id), "in", accepted]);
      const packed = packIndexed({ version: 1, createdAt: now, tries: 0, players: [player] });
      commands.push(["HSET", keys.eloBucket(queue.name, Math.floor(player.elo / ELO_PER_BUCKET)), id, packed]);
      told.push(`queued ${queue.name} ${id} ${player.elo} 1`);
    }
    for (let n = 0; n < told.length; n += EVENTS_PER_ENTRY) {
      const packed = told.slice(n, n + EVENTS_PER_ENTRY).join("\n");
      commands.push(["XADD", keys.events, "MAXLEN", "~", "200000", "*", "packed", packed]);
    }
    commands.push(["MSET", ...states], ["ZADD", keys.due(queue.name), ...some.flatMap(({ id }) => [String(now), id])]);
    chunks.push(bareChunk(commands));
  }
  return { scriptMicros, floorMicros: await micros(() => sendBare(redis.port, chunks)) };
};
