import { type RunningSystem, startSystem } from "@muster/cli";
import { isId } from "@muster/core";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { inconsistenciesOf } from "../support/system.ts";

/** Calls and frames made up by chance, some of them nearly right. MUSTER_FUZZ sets how many; a nightly run takes 100,000. */
const CALLS = Number(process.env.MUSTER_FUZZ ?? 4_000);
const FRAMES = Math.ceil(CALLS / 4);
const AT_ONCE = 8;
const SEED = Number(process.env.MUSTER_TEST_SEED ?? 1);
const TIME_LIMIT_MS = 60_000 + CALLS * 20;

let system: RunningSystem;
let redis: Redis;
beforeAll(async () => {
  system = await startSystem();
  redis = new Redis(system.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await system?.stop();
});

const NASTY = [
  ...["__proto__", "constructor", "toString", "", " ", "\u0000", "\r\nX: 1", "../../etc", "{main}:x", "%00", "🙂"],
  ...["a".repeat(65), "a".repeat(10_000), "ann", "t_1", "m_1", "duel", "team", "instant", "null", "-1", "1e400"],
];
const word = fc.oneof(fc.constantFrom(...NASTY), fc.string(), fc.string({ unit: "binary" }));
const numbers = fc.oneof(
  fc.constantFrom(0, -1, 1e308, -1e308, 1e21, 2 ** 53, 0.1, Number.MIN_VALUE),
  fc.integer(),
  fc.double(),
);
const deep = fc.integer({ min: 1, max: 3_000 }).map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`);
const player = fc.record(
  {
    id: fc.oneof({ weight: 4, arbitrary: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/) }, { weight: 1, arbitrary: word }),
    elo: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 0, max: 3_000 }) }, { weight: 1, arbitrary: numbers }),
    avgPingMs: numbers,
    position: fc.record({ lat: numbers, lon: numbers }),
    latencyMs: fc.dictionary(word, numbers, { maxKeys: 3 }),
    attributes: fc.dictionary(word, fc.oneof(word, numbers, fc.jsonValue()), { maxKeys: 3 }),
  },
  { requiredKeys: ["id", "elo"] },
);
const ticket = fc.record({ players: fc.array(player, { maxLength: 6 }) });
const body = fc.oneof(
  ticket.map((value) => JSON.stringify(value)),
  fc.array(ticket, { maxLength: 5 }).map((tickets) => JSON.stringify({ tickets })),
  fc.record({ version: numbers, players: fc.array(player, { maxLength: 2 }) }).map((value) => JSON.stringify(value)),
  fc.record({ player: word }).map((value) => JSON.stringify(value)),
  fc.record({ scores: fc.dictionary(word, numbers) }).map((value) => JSON.stringify(value)),
  fc.json(),
  deep,
  fc.string({ unit: "binary" }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);
const piece = word.map(encodeURIComponent);
const path = fc.oneof(
  fc.constantFrom("/v1/queues/duel/tickets", "/v1/queues/duel/tickets/batch", "/v1/queues/ranked/tickets"),
  piece.map((text) => `/v1/queues/${text}/tickets`),
  piece.map((text) => `/v1/tickets/${text}`),
  piece.map((text) => `/v1/tickets/${text}/explain`),
  piece.map((text) => `/v1/players/${text}`),
  piece.map((text) => `/v1/players/${text}/ratings`),
  piece.map((text) => `/v1/players/${text}/disconnect`),
  fc
    .tuple(piece, fc.constantFrom("accept", "decline", "join", "leave", "spectate", "end", "backfill", "nothing"))
    .map(([match, what]) => `/v1/matches/${match}/${what}`),
  piece.map((text) => `/${text}`),
);
const JSON_TYPE = "application/json";
const anyCall = fc.record({
  method: fc.constantFrom("POST", "POST", "POST", "PATCH", "DELETE", "GET", "PUT"),
  path,
  body,
  type: fc.constantFrom(JSON_TYPE, JSON_TYPE, JSON_TYPE, "text/plain", "multipart/form-data"),
  key: fc.option(fc.stringMatching(/^[\x21-\x7e]{1,20}$/)),
});
/** Right but for what chance does to one player's other fields. */
const nearlyRight = fc.record({
  method: fc.constant("POST"),
  path: fc.constantFrom("/v1/queues/duel/tickets", "/v1/queues/team/tickets"),
  body: fc
    .record({ id: fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/), elo: fc.integer({ min: 0, max: 3_000 }) })
    .chain((sound) =>
      fc.oneof(
        fc.constant(sound),
        player.map((other) => ({ ...other, ...sound })),
      ),
    )
    .map((each) => JSON.stringify({ players: [each] })),
  type: fc.constant(JSON_TYPE),
  key: fc.constant(null),
});
const call = fc.oneof({ weight: 5, arbitrary: anyCall }, { weight: 1, arbitrary: nearlyRight });
type Call = typeof call extends fc.Arbitrary<infer Made> ? Made : never;

const send = async ({ method, path, body, type, key }: Call) => {
  const answer = await fetch(system.url + path, {
    method,
    headers: { "content-type": type, ...(key !== null && { "idempotency-key": key }) },
    ...(method !== "GET" && { body }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  return { status: answer.status, text };
};

/** Processes by name and id: none may have been replaced. */
const processes = () => [...system.processes].map(({ name, pid }) => `${name} ${pid}`);

describe("input made up by chance", () => {
  it(
    `of ${CALLS} calls is answered, never by a defect, and leaves nothing behind that was refused`,
    async () => {
      const before = processes();
      const calls = fc.sample(call, { numRuns: CALLS, seed: SEED });
      const statuses = new Map<number, number>();
      const defects: string[] = [];
      const sender = async () => {
        for (let next = calls.pop(); next; next = calls.pop()) {
          const { status, text } = await send(next);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          if (status >= 500) defects.push(`${status} ${text.slice(0, 200)} of ${JSON.stringify(next).slice(0, 300)}`);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, sender));
      console.log(`seed ${SEED}:`, Object.fromEntries(statuses));
      expect(defects).toEqual([]);
      // Some were right, or nothing was tried that goes deeper than the schema.
      expect(statuses.get(201) ?? 0).toBeGreaterThan(CALLS / 200);
      expect(statuses.get(400) ?? 0).toBeGreaterThan(CALLS / 10);
      expect(processes()).toEqual(before);
    },
    TIME_LIMIT_MS,
  );

  it(
    `of ${FRAMES} frames to each kind of WebSocket is borne`,
    async () => {
      const before = processes();
      const url = system.url.replace("http", "ws");
      const frames = fc.sample(
        fc.oneof(
          fc.json(),
          deep,
          fc.string({ unit: "binary" }),
          fc
            .record({
              op: fc.constantFrom("watch", "hold", "unwatch", "queue", "cancel", "join"),
              players: fc.array(word),
              id: word,
            })
            .map((frame) => JSON.stringify(frame)),
          fc.record({ op: fc.constant("queue"), queue: word, ticket }).map((frame) => JSON.stringify(frame)),
          fc
            .record({
              event: fc.constantFrom("REQUEST_INSTANT_MATCH", "INSTANT_MATCH", "REQUEST_AGAIN", "HELLO_INSTANT_MATCH"),
              data: fc.dictionary(word, fc.jsonValue()),
            })
            .map((frame) => JSON.stringify(frame)),
        ),
        { numRuns: FRAMES, seed: SEED },
      );
      for (const route of ["/v1/realm", "/v1/play?player=fuzz", "/v1/instant"]) {
        let socket: WebSocket | undefined;
        for (const [index, frame] of frames.entries()) {
          if (socket?.readyState !== WebSocket.OPEN) socket = await connect(`${url}${route}`);
          socket.send(index % 7 === 0 ? Buffer.from(frame) : frame);
          // Else thousands lie in memory before the first one is read.
          if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        }
        socket?.terminate();
      }
      const realm = await connect(`${url}/v1/realm`);
      const answered = new Promise((resolve) => realm.once("message", resolve));
      realm.send(JSON.stringify({ op: "watch", players: ["still-there"] }));
      await answered;
      realm.terminate();
      expect(processes()).toEqual(before);
    },
    TIME_LIMIT_MS,
  );

  it("leaves Redis in order", async () => {
    const names = await redis.keys("{main}:player:*:state");
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !isId(name.slice("{main}:player:".length, -":state".length)))).toEqual([]);
    // Matches may be made meanwhile.
    await expect.poll(() => inconsistenciesOf(system), { timeout: 20_000, interval: 500 }).toEqual([]);
  });
});

const connect = async (url: string): Promise<WebSocket> => {
  const socket = new WebSocket(url).on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("close", () => reject(new Error(`${url} was refused`)));
  });
  return socket;
};
