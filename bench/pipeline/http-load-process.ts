/** A game realm as a process of its own: watches players over one WebSocket and enqueues them over HTTP. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { answerCalls, type Calls } from "../child.ts";
import { type Crowd, readCrowd } from "./crowd.ts";
import type { Offered } from "./enqueue-process.ts";
import { type Told, ToldBook } from "./told-book.ts";
import { wallNow } from "./wall-now.ts";

export interface HttpLoadCalls extends Calls {
  open(order: { url: string; queue: string }): void;
  /** Watches a crowd on a new socket; resolves when the state of each was told once. */
  watch(order: { crowd: string; count: number }): Promise<void>;
  offer(order: HttpOffer): Promise<Offered>;
  toldCount(): number;
  told(): Told;
}

export interface HttpOffer {
  crowd: string;
  seed: number;
  count: number;
  rate: number;
  /** Players in one request: 1 by the call for one ticket, more by the one for a batch. */
  together: number;
}

const PLAYERS_PER_FRAME = 3_000;
/** Requests under way at once; what doesn't fit waits, and counts from when it was due. */
const REQUESTS_MOST = 96;
const TICK_MS = 2;

const agent = new Agent({ keepAlive: true, maxSockets: REQUESTS_MOST });
let base: URL;
let queue: string;
let socket: WebSocket | undefined;
let book: ToldBook;

const watch: HttpLoadCalls["watch"] = async ({ crowd: name, count }) => {
  socket?.terminate();
  const crowd = await readCrowd(name, 0);
  const mineBook = new ToldBook(crowd, count);
  book = mineBook;
  const mine = new WebSocket(new URL("/v1/realm", base.href.replace(/^http/, "ws")));
  socket = mine;
  await new Promise((resolve, reject) => {
    mine.once("open", resolve);
    mine.once("error", reject);
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seen = 0;
  mine.on("message", (data: Buffer) => {
    const text = data.toString("latin1");
    // Only what is looked for is parsed: a realm in another language would spend less on JSON.
    if (text.includes('"state":"inmatch"')) {
      const { player, match } = JSON.parse(text);
      mineBook.note(player, match);
    } else if (text.includes('"version":0,') && ++seen === count) resolve();
  });
  mine.on("close", (code) => reject(new Error(`the realm's socket was closed with ${code}`)));
  for (let from = 0; from < count; from += PLAYERS_PER_FRAME) {
    const players = Array.from({ length: Math.min(PLAYERS_PER_FRAME, count - from) }, (_, n) => crowd.id(from + n));
    mine.send(JSON.stringify({ op: "watch", players }));
  }
  await promise;
};

const offer: HttpLoadCalls["offer"] = async ({ crowd: name, seed, count, rate, together }) => {
  const crowd = await readCrowd(name, seed);
  const beginAt = wallNow() + 10;
  // Everybody's wait begins when their request is to be sent: a batch when its last player is there.
  const lastOfBatch = (index: number) => Math.min(count, (Math.floor(index / together) + 1) * together) - 1;
  const dueAt = Float64Array.from({ length: count }, (_, index) => beginAt + (lastOfBatch(index) * 1_000) / rate);
  const offered: Offered = { dueAt, refused: [], behindMs: 0 };
  const underWay = new Set<Promise<void>>();
  for (let sent = 0; sent < count; ) {
    await sleep(TICK_MS);
    const due = Math.min(count, Math.floor(((wallNow() - beginAt) * rate) / 1_000));
    // A realm that sends batches sends full ones.
    while (sent < due && (due - sent >= together || due === count)) {
      if (underWay.size >= REQUESTS_MOST) await Promise.race(underWay);
      const to = Math.min(due, sent + together);
      const call = enqueue(crowd, sent, to, together, offered).finally(() => underWay.delete(call));
      underWay.add(call);
      sent = to;
    }
    if (sent > 0) offered.behindMs = wallNow() - (dueAt[sent - 1] ?? 0);
  }
  await Promise.all(underWay);
  return offered;
};

const enqueue = async (crowd: Crowd, from: number, to: number, together: number, offered: Offered): Promise<void> => {
  const ticket = (index: number) => ({ players: [{ id: crowd.id(index), ...crowd.person(index) }] });
  const refuse = (index: number, why: string) => {
    offered.refused.push(index);
    offered.firstRefusal ??= why;
  };
  if (together === 1) {
    const { status, text } = await post("tickets", ticket(from));
    if (status !== 201) refuse(from, `${status} ${text}`);
    return;
  }
  const tickets = Array.from({ length: to - from }, (_, n) => ticket(from + n));
  const { status, text } = await post("tickets/batch", { tickets });
  const results: { status: number }[] = status === 200 ? JSON.parse(text).results : [];
  tickets.forEach((_, n) => {
    const got = results[n]?.status ?? status;
    if (got !== 201) refuse(from + n, `${got} ${text.slice(0, 200)}`);
  });
};

const post = (path: string, body: unknown): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const json = JSON.stringify(body);
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(json) };
    const call = request(
      { agent, host: base.hostname, port: base.port, path: `/v1/queues/${queue}/${path}`, method: "POST", headers },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      },
    );
    call.on("error", reject);
    call.end(json);
  });

answerCalls({
  open: (order: { url: string; queue: string }) => {
    base = new URL(order.url);
    queue = order.queue;
  },
  watch,
  offer,
  toldCount: () => book.count,
  told: () => book.told,
} satisfies HttpLoadCalls as Calls);
