import { setImmediate } from "node:timers/promises";

/** A player who comes for a duel. */
export interface Comer {
  readonly elo: number;
  readonly atMs: number;
}

export type Pair = readonly [Comer, Comer];

/** What a policy sees when it is asked whom to pair. */
export interface Look {
  /** In order of arrival. */
  readonly waiting: readonly Comer[];
  readonly nowMs: number;
  /** How many have come so far, those who are paired already included. */
  readonly arrived: number;
}

export interface Policy {
  /** Whom to pair now, of those who wait. */
  choose(look: Look): Pair[];
  /** Also asked so often between arrivals; absent: its answer changes only when somebody comes. */
  looksEveryMs?: number;
}

export interface Match {
  readonly atMs: number;
  readonly pair: Pair;
}

export interface Play {
  matches: Match[];
  /** How many still waited when the last had come. */
  left: number;
}

/** After so many arrivals a signal is let in: a policy may take a core for itself for half a minute. */
const PAUSE_EVERY = 500;

/** Lets a policy pair these players as they come, on a virtual clock. Whether it kept to the rules is for `audit` to say. */
export const play = async (arrivals: readonly Comer[], policy: Policy, signal: AbortSignal): Promise<Play> => {
  const { choose, looksEveryMs = Infinity } = policy;
  const matches: Match[] = [];
  let waiting: Comer[] = [];

  const ask = (nowMs: number, arrived: number): void => {
    const pairs = choose({ waiting, nowMs, arrived });
    if (pairs.length === 0) return;
    const gone = new Set(pairs.flat());
    waiting = waiting.filter((comer) => !gone.has(comer));
    for (const pair of pairs) matches.push({ atMs: nowMs, pair });
  };

  let lookAtMs = looksEveryMs;
  for (const [index, comer] of arrivals.entries()) {
    for (; lookAtMs < comer.atMs; lookAtMs += looksEveryMs) ask(lookAtMs, index);
    waiting.push(comer);
    ask(comer.atMs, index + 1);
    if (index % PAUSE_EVERY > 0) continue;
    await setImmediate();
    signal.throwIfAborted();
  }
  return { matches, left: waiting.length };
};
