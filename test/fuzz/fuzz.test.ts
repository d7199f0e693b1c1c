import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKey, createSignerKeys, editKeysFile, signToken } from "@muster/access";
import { type RunningSystem, startSystem } from "@muster/cli";
import { isId } from "@muster/core";
import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inconsistenciesOf } from "../support/system.ts";
import { type Answer, anyCall, type Call, closeCalls, send } from "./calls.ts";
import { FRAMES, FRAMES_PER_SOCKET, talk } from "./frames.ts";
import { rawBytes, sendRaw } from "./raw-bytes.ts";

/**
 * Everything that a stranger, or a realm gone wrong, can send: calls, frames and bytes made up by chance from Muster's own
 * description of itself, with keys in use. Most are nearly right, so that they get further than the first check.
 *
 * MUSTER_FUZZ: how many in all. `npm run test:fuzz` sends 100,000, and other ones each time.
 */
const ALL = Number(process.env.MUSTER_FUZZ ?? 5_000);
const SEED = Number(process.env.MUSTER_TEST_SEED ?? 1);
const CALLS = Math.round(ALL * 0.6);
const FRAMES_OF_EACH = Math.round(ALL * 0.1);
const RAW = Math.round(ALL * 0.1);
const AT_ONCE = 8;
const TIME_LIMIT_MS = 120_000 + ALL * 20;
/** What a process may grow by in the second half of the calls: heaps breathe, a leak of each call would show. */
const GROWTH_MAX_MB = 150;

let folder: string;
let system: RunningSystem;
let redis: Redis;
let realmKey: string;
/** Good, but for one queue, and for one player. */
let lesser: string[];
let tokenOf: (player: string) => Promise<string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-fuzz-"));
  const file = join(folder, "keys.json");
  const [all, duel] = [createKey(), createKey()];
  const { privateKey, publicKey } = await createSignerKeys("s_1");
  await editKeysFile(file, () => ({
    keys: [
      { id: all.id, realm: "eu", sha256: all.sha256 },
      { id: duel.id, realm: "us", sha256: duel.sha256, queues: ["duel"] },
    ],
    signers: [{ id: "s_1", realm: "eu", publicKey }],
  }));
  tokenOf = (player) => signToken(player, privateKey, 86_400, Date.now());
  realmKey = all.text;
  lesser = [duel.text, await tokenOf("p1")];
  const env = { ...process.env, MUSTER_TESTER: "on", MUSTER_ADMIN_KEY: "an admin key of this test" };
  system = await startSystem({ keys: file, data: folder, env });
  redis = new Redis(system.redisUrl);
});
afterAll(async () => {
  closeCalls();
  redis?.disconnect();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Processes by name and id: none may have been replaced. */
const processes = () => [...system.processes].map(({ name, pid }) => `${name} ${pid}`);
const services = () => [...system.processes].filter(({ role }) => role !== "redis" && role !== "nginx");
const megabytesOf = (pid: number | undefined): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
const memory = () => new Map(services().map(({ name, pid }) => [name, megabytesOf(pid)]));

/** Does work with each item, several at once. */
const forEach = async <Item>(items: Item[], work: (item: Item) => Promise<void>): Promise<void> => {
  const worker = async () => {
    for (let next = items.pop(); next !== undefined; next = items.pop()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

/** Tickets that an answer says were accepted, each with its players. */
const acceptedIn = ({ status, text }: Answer): { id: string; players: { id: string }[] }[] => {
  if (status === 201) return [JSON.parse(text)];
  if (status !== 200 || !text.startsWith('{"results":')) return [];
  const { results } = JSON.parse(text) as {
    results: { status: number; ticket?: { id: string; players: { id: string }[] } }[];
  };
  return results.flatMap(({ ticket }) => (ticket ? [ticket] : []));
};
const idsIn = async (pattern: string): Promise<string[]> => {
  const [before = "", after = ""] = pattern.split("*");
  return (await redis.keys(pattern)).map((key) => key.slice(before.length, key.length - after.length));
};

describe("input made up by chance", () => {
  it(
    `of ${CALLS} calls is answered, never by a defect, and nothing is kept of what was refused`,
    async () => {
      const before = processes();
      const openApi = await (await fetch(`${system.url}/openapi.json`)).json();
      const statuses = new Map<number, number>();
      const defects: string[] = [];
      const [tickets, players, watchers] = [new Set<string>(), new Set<string>(), new Set<string>()];
      let [lastTicket, lastMatch] = ["t_none", "m_none"];
      const sendOne = async (call: Call) => {
        const path = call.path.replace("{ticket}", lastTicket).replace("{match}", lastMatch);
        const answer = await send(system.url, { ...call, path });
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status >= 500)
          defects.push(
            `${answer.status} ${answer.text.slice(0, 200)} of ${JSON.stringify({ ...call, path }).slice(0, 600)}`,
          );
        for (const ticket of acceptedIn(answer)) {
          tickets.add(ticket.id);
          lastTicket = ticket.id;
          for (const { id } of ticket.players) players.add(id);
        }
        if (answer.status === 200 && /\/spectate(\?|$)/.test(path)) watchers.add(JSON.parse(call.body ?? "{}").player);
        lastMatch = /"match":"(m_[^"]+)"/.exec(answer.text)?.[1] ?? lastMatch;
      };
      const calls = fc.sample(anyCall(openApi as never, [realmKey, ...lesser]), { numRuns: CALLS, seed: SEED });
      await forEach(calls.splice(CALLS / 2), sendOne);
      const warm = memory();
      await forEach(calls, sendOne);
      console.log(`seed ${SEED}:`, Object.fromEntries([...statuses].toSorted(([a], [b]) => a - b)));
      expect(defects).toEqual([]);
      // Some were right, or nothing was tried that goes deeper than the schema.
      expect(statuses.get(201) ?? 0).toBeGreaterThan(CALLS / 200);
      expect(statuses.get(400) ?? 0).toBeGreaterThan(CALLS / 10);
      for (const status of [401, 403, 404, 409]) expect([status, statuses.get(status) ?? 0]).not.toEqual([status, 0]);
      expect(processes()).toEqual(before);

      const grown = [...memory()].map(([name, now]) => [name, Math.round(now - (warm.get(name) ?? 0))] as const);
      console.log("grown by MB:", Object.fromEntries(grown));
      expect(grown.filter(([, by]) => by > GROWTH_MAX_MB)).toEqual([]);
      const stored = await idsIn("{main}:ticket:*");
      expect(new Set(stored)).toEqual(tickets);
      const states = await idsIn("{main}:player:*:state");
      expect(states.filter((id) => !players.has(id) && !watchers.has(id))).toEqual([]);
    },
    TIME_LIMIT_MS,
  );

  it.each(["realm", "play", "instant"] as const)(
    `of ${FRAMES_OF_EACH} frames to the WebSocket of a %s is borne, and answered by no defect`,
    async (kind) => {
      const before = processes();
      const frames = fc.sample(FRAMES[kind], { numRuns: FRAMES_OF_EACH, seed: SEED });
      const talks: { user: string; frames: string[] }[] = [];
      while (frames.length > 0) talks.push({ user: `f${talks.length}`, frames: frames.splice(0, FRAMES_PER_SOCKET) });
      const sockets = talks.length;
      const heard = { answers: 0, defects: [] as string[], closes: [] as number[] };
      await forEach(talks, async ({ user, frames: some }) => {
        const url = `${system.url.replace("http", "ws")}/v1/${kind}?player=${user}`;
        const { answers, defects, closes } = await talk(url, kind === "realm" ? realmKey : await tokenOf(user), some);
        heard.answers += answers;
        heard.defects.push(...defects);
        heard.closes.push(...closes);
      });
      console.log(kind, { sockets, ...heard });
      expect(heard.defects).toEqual([]);
      // No frame is so bad that its connection ends for it.
      expect(heard.closes).toEqual([]);
      expect(heard.answers).toBeGreaterThan(FRAMES_OF_EACH / 2);
      expect(processes()).toEqual(before);
    },
    TIME_LIMIT_MS,
  );

  it(
    `of ${RAW} runs of bytes that are hardly HTTP, to nginx and to each service itself, ends no process`,
    async () => {
      const before = processes();
      const ports = [Number(new URL(system.url).port), ...services().map(({ port }) => port)];
      const defects: string[] = [];
      const runs = fc.sample(rawBytes, { numRuns: RAW, seed: SEED });
      await forEach([...runs.entries()], async ([index, text]) => {
        // Every other one to nginx, which is what strangers reach.
        const port = ports[index % 2 ? 0 : (index / 2) % ports.length] ?? 0;
        const statuses = await sendRaw(port, text);
        if (statuses.some((status) => status >= 500))
          defects.push(`${port} ${statuses} of ${JSON.stringify(text).slice(0, 300)}`);
      });
      expect(defects).toEqual([]);
      expect(processes()).toEqual(before);
      await system.ready();
    },
    TIME_LIMIT_MS,
  );

  it("leaves Redis in order", { timeout: 60_000 }, async () => {
    const names = await idsIn("{main}:player:*:state");
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !isId(name))).toEqual([]);
    // Matches may be made meanwhile.
    await expect.poll(() => inconsistenciesOf(system), { timeout: 40_000, interval: 500 }).toEqual([]);
  });
});
