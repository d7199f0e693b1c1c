import { setTimeout as sleep } from "node:timers/promises";
import { InstantClient } from "@muster/client";
import { WebSocket } from "ws";
import { isMutual, maximumPairs, type Wave } from "./read-waves.ts";

/** Numbers that people of one wave may have: values of the field `number`. */
export const MOST_PEOPLE = 64;
const SETTLE_LIMIT_MS = 15_000;
const POLL_MS = 20;

export interface Outcome {
  /** Of the people, who end in a session, and who would in a maximum matching. */
  readonly share: number;
  readonly maximum: number;
  readonly unmutual: number;
  /** Pairs who accept each other, and still waited when time was over. */
  readonly unsettled: number;
}

export interface Play {
  /** Of playservers, or of what stands before them: each person takes the next one. */
  readonly urls: readonly string[];
  /** What its users' names begin with. */
  readonly name: string;
  /** How long each looks around before its first claim, ms. */
  readonly lookMs: number;
  /** They come one by one within this time, ms. */
  readonly spreadMs: number;
  readonly signal: AbortSignal;
}

/**
 * A wave's people come, each by itself, to a Muster whose instant matching has a field `number`; until nobody waits any more
 * whom somebody else accepts and is accepted by, or for 15 s.
 */
export const playWave = async (wave: Wave, { urls, name, lookMs, spreadMs, signal }: Play): Promise<Outcome> => {
  const numberOf = new Map(wave.people.map((person, index) => [person, String(index + 1)]));
  const userOf = (person: number) => `${name}-${person}`;
  const personOf = new Map(wave.people.map((person) => [userOf(person), person]));
  const partner = new Map<number, number>();
  const clients = await Promise.all(
    wave.people.map(async (person, n) => {
      const url = urls[n % urls.length] ?? "";
      const client = new InstantClient({ url, user: userOf(person), WebSocket, lookMs });
      client.on("session", (session) => partner.set(person, personOf.get(session.partner.user_id) ?? 0));
      await client.connect();
      return { person, client };
    }),
  );
  try {
    await Promise.all(
      // In the order of their numbers, which is by chance but for the sides: so they are mixed.
      mixed(clients).map(async ({ person, client }, n) => {
        await sleep((n / clients.length) * spreadMs, undefined, { signal });
        const oneOf = [...(wave.accepted.get(person) ?? [])].flatMap((other) => numberOf.get(other) ?? []);
        const number = numberOf.get(person) ?? "";
        await client.request({ user_data: { number }, user_preferences: { number: { oneOf } } });
      }),
    );
    const deadline = performance.now() + SETTLE_LIMIT_MS;
    const isSettled = () => openPairs(wave, partner) === 0 && isToldToBoth(partner);
    while (!isSettled() && performance.now() < deadline) await sleep(POLL_MS, undefined, { signal });
    const all = wave.people.length;
    return {
      share: partner.size / all,
      maximum: (2 * maximumPairs(wave)) / all,
      unmutual: [...partner].filter(([one, other]) => !isMutual(wave, one, other) || partner.get(other) !== one).length,
      unsettled: openPairs(wave, partner),
    };
  } finally {
    await Promise.all(clients.map(({ client }) => client.close()));
  }
};

/** Pairs who accept each other and are in no session. */
const openPairs = (wave: Wave, partner: ReadonlyMap<number, number>): number => {
  const free = wave.people.filter((person) => !partner.has(person));
  return free.reduce((sum, one) => sum + free.filter((other) => one < other && isMutual(wave, one, other)).length, 0);
};

/** The two of a session are told one after the other. */
const isToldToBoth = (partner: ReadonlyMap<number, number>): boolean =>
  [...partner].every(([one, other]) => partner.get(other) === one);

/** Both sides in turn: the numbers of one come before those of the other. */
const mixed = <Item>(items: readonly Item[]): Item[] => {
  const half = Math.ceil(items.length / 2);
  return items.slice(0, half).flatMap((item, n) => [item, ...items.slice(half + n, half + n + 1)]);
};
