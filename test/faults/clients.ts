import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@muster/cli";
import { MusterApiError, RealmClient } from "@muster/client";
import type { Random, StateFrame } from "@muster/core";
import type { Call, Seen } from "./history.ts";

/** How often each player does something. */
const TICK_MS = 120;
/** Chances at each tick. */
const QUEUE = 0.35;
const CANCEL = 0.03;
const CHANGE = 0.06;
const END = 0.12;
const CALL_LIMIT_MS = 6_000;

export interface Clients {
  readonly calls: readonly Call[];
  readonly seen: readonly Seen[];
  /** When the last match was first seen by anybody, ms since the epoch. */
  lastMatchAt(): number;
  /** Nobody queues any more; what waits and runs comes to its end by itself. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Players of two realms who queue, change their minds and play, as long as they are let; every call and every
 * notification is recorded. Both realms watch everybody, so each player has two watchers.
 */
export const startClients = async (url: string, players: readonly string[], seed: number): Promise<Clients> => {
  const random = seededRandom(seed);
  const calls: Call[] = [];
  const seen: Seen[] = [];
  const known = new Map<string, StateFrame>();
  const matches = new Set<string>();
  let lastMatchAt = Date.now();
  let stopped = false;

  const watch = async (watcher: string): Promise<RealmClient> => {
    const realm = new RealmClient({ url, timeoutMs: CALL_LIMIT_MS });
    const record = ({ player, version, state, match }: StateFrame) =>
      seen.push({ watcher, player, version, state, at: Date.now(), ...(match !== undefined && { match }) });
    realm.on("state", (frame) => {
      record(frame);
      const before = known.get(frame.player);
      if (!before || before.version < frame.version) known.set(frame.player, frame);
      if (frame.match === undefined || matches.has(frame.match)) return;
      matches.add(frame.match);
      lastMatchAt = Date.now();
    });
    // The SDK drops it; the checker must not.
    realm.on("stale", record);
    realm.on("error", () => {});
    await realm.connect();
    realm.watch(players);
    return realm;
  };
  const realms = [await watch("one"), await watch("two")] as const;

  /** @returns the call's answer; undefined when there was none, or a refusal */
  const record = async <Answer>(
    call: Pick<Call, "call" | "players"> & Partial<Call>,
    make: () => Promise<Answer>,
    facts: (answer: Answer) => Partial<Call>,
  ): Promise<Answer | undefined> => {
    try {
      const answer = await make();
      calls.push({ ...call, outcome: "done", ...facts(answer) });
      return answer;
    } catch (error) {
      const refused = error instanceof MusterApiError && error.status < 500;
      const code = error instanceof MusterApiError ? error.code : undefined;
      calls.push({ ...call, outcome: refused ? "refused" : "unknown", ...(code !== undefined && { code }) });
      return undefined;
    }
  };

  const act = async (player: string, elo: number, realm: RealmClient, random: Random): Promise<void> => {
    const { state, ticket = "", match = "" } = known.get(player) ?? { state: "idle" };
    const chance = random.next();
    if (state === "idle" && chance < QUEUE && !stopped) {
      const queue = random.next() < 0.8 ? "duel" : "pairs";
      await record(
        { call: "enqueue", players: [player] },
        () => realm.enqueue(queue, { players: [{ id: player, elo }] }),
        ({ id }) => ({ ticket: id }),
      );
    } else if (state === "inqueue" && chance < CANCEL) {
      await record(
        { call: "cancel", players: [player], ticket },
        () => realm.cancelTicket(ticket),
        (answer) => ({ said: answer.outcome, ...("match" in answer && { match: answer.match.id }) }),
      );
    } else if (state === "inqueue" && chance < CANCEL + CHANGE) {
      const now = await realm.getTicket(ticket).catch(() => undefined);
      if (now?.status !== "queued") return;
      await record(
        { call: "change", players: [player], ticket },
        // Every version has its own elo: so the match tells which one it was made from.
        () => realm.change(ticket, { version: now.version, players: [{ id: player, elo: elo + now.version / 100 }] }),
        ({ version }) => ({ version }),
      );
    } else if (state === "inmatch" && chance < END) {
      await record(
        { call: "end", players: [player], match },
        () => realm.endMatch(match),
        () => ({}),
      );
    }
  };

  const live = async (player: string, index: number): Promise<void> => {
    const own = seededRandom(seed * 1_000 + index);
    const realm = realms[index % 2 === 0 ? 0 : 1];
    const elo = 1_000 + Math.floor(random.next() * 200);
    for (let until = Infinity; Date.now() < until; ) {
      await sleep(TICK_MS * (0.5 + own.next()));
      await act(player, elo, realm, own);
      if (stopped) until = 0;
    }
  };
  const lives = players.map(live);

  return {
    calls,
    seen,
    lastMatchAt: () => lastMatchAt,
    stop: async () => {
      stopped = true;
      await Promise.all(lives);
    },
    close: async () => {
      for (const realm of realms) await realm.close();
    },
  };
};
