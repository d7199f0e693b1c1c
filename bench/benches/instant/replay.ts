import { setTimeout as sleep } from "node:timers/promises";
import { InstantClient } from "@muster/client";
import { WebSocket } from "ws";
import type { BenchContext, Figures } from "../../bench.ts";
import type { BenchSystem } from "../../system.ts";
import { isMutual, maximumPairs, readWaves, type Wave } from "./read-waves.ts";

/** Numbers that people of one wave may have. */
export const MOST_PEOPLE = 64;
/** Everybody of an evening is there at once, so a look around before the first claim pays. */
const LOOK_MS = 250;
const SETTLE_LIMIT_MS = 15_000;
const POLL_MS = 20;
const SPREAD_MS = 5_000;

/** Each wave's people come, by themselves, to Muster: all at once, and then again one by one within five seconds. */
export const replay = async (
  { data = "", quick, say, signal }: BenchContext,
  system: BenchSystem,
): Promise<Figures> => {
  const waves = await readWaves(data);
  const together: Outcome[] = [];
  const spread: Outcome[] = [];
  for (const wave of waves) {
    signal.throwIfAborted();
    say(`replaying wave ${wave.name}: ${wave.people.length} people`);
    together.push(await play(system, wave, "all", 0, signal));
    if (!quick) spread.push(await play(system, wave, "spread", SPREAD_MS, signal));
  }
  return {
    waves: waves.length,
    people: waves.reduce((sum, { people }) => sum + people.length, 0),
    maximumShare: mean(together.map(({ maximum }) => maximum)),
    ...{ share: mean(together.map(({ share }) => share)), gapPoints: gapOf(together) },
    ...(!quick && { spreadShare: mean(spread.map(({ share }) => share)), spreadGapPoints: gapOf(spread) }),
    unmutual: [...together, ...spread].reduce((sum, { unmutual }) => sum + unmutual, 0),
    unsettled: [...together, ...spread].reduce((sum, { unsettled }) => sum + unsettled, 0),
  };
};

interface Outcome {
  /** Of the people, who end in a session, and who would in a maximum matching. */
  readonly share: number;
  readonly maximum: number;
  readonly unmutual: number;
  /** Pairs who accept each other, and still waited when time was over. */
  readonly unsettled: number;
}

const play = async (
  system: BenchSystem,
  wave: Wave,
  name: string,
  spreadMs: number,
  signal: AbortSignal,
): Promise<Outcome> => {
  const numberOf = new Map(wave.people.map((person, index) => [person, String(index + 1)]));
  const userOf = (person: number) => `${name}-${person}`;
  const personOf = new Map(wave.people.map((person) => [userOf(person), person]));
  const partner = new Map<number, number>();
  const clients = await Promise.all(
    wave.people.map(async (person) => {
      const client = new InstantClient({
        url: system.url,
        user: userOf(person),
        WebSocket,
        lookMs: spreadMs === 0 ? LOOK_MS : 20,
      });
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

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Percentage points below a maximum matching, mean over the waves. */
const gapOf = (outcomes: readonly Outcome[]): number =>
  100 * mean(outcomes.map(({ share, maximum }) => maximum - share));
