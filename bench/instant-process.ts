/**
 * Users of instant matching in a process of their own: takes an order as the first message, says what it found, and ends when
 * it is killed, or when who started it is gone.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { InstantClient, type InstantEvents } from "@muster/client";
import { WebSocket } from "ws";
import { instantProfile } from "./instant-profile.ts";

/**
 * Those who wait do so all the time: whoever got a session leaves it and waits again. Newcomers come at a rate, each stays
 * until it has a session. Both are of so many groups, and a newcomer and a waiting user of the same group fit: nobody else.
 */
export type ToInstantProcess =
  | { kind: "waiting"; url: string; first: number; count: number; groups: number }
  | { kind: "newcomers"; url: string; name: string; perS: number; forMs: number; groups: number };

export type FromInstantProcess =
  | { kind: "waiting" }
  /** ms from each newcomer's request until it was told of its session. */
  | { kind: "newcomers"; sessionMs: number[]; missed: number; firstMiss?: string };

const LIMIT_MS = 30_000;
/** Connections being opened at once. */
const AT_ONCE = 50;

const open = async (url: string, user: string): Promise<InstantClient> => {
  const client = new InstantClient({ url, user, WebSocket });
  await client.connect();
  return client;
};

const next = <Name extends keyof InstantEvents>(client: InstantClient, name: Name): Promise<InstantEvents[Name]> =>
  new Promise((resolve) => {
    const remove = client.on(name, (event) => {
      remove();
      resolve(event);
    });
  });

const waiter = async (url: string, n: number, groups: number): Promise<void> => {
  const client = await open(url, `waiting-${n}`);
  const profile = instantProfile(`w${n % groups}`, `n${n % groups}`);
  client.on("session", () => client.leave());
  client.on("ended", () => {
    // Too many requests at once: the next newcomer's end asks again.
    client.request(profile).catch(() => {});
  });
  await client.request(profile);
};

const waiting = async ({ url, first, count, groups }: Extract<ToInstantProcess, { kind: "waiting" }>) => {
  for (let from = 0; from < count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => first + from + index);
    await Promise.all(numbers.map((n) => waiter(url, n, groups)));
  }
  process.send?.({ kind: "waiting" } satisfies FromInstantProcess);
};

/** @returns ms from the request to the session */
const newcomer = async (url: string, user: string, group: number): Promise<number> => {
  const client = await open(url, user);
  try {
    const session = next(client, "session");
    const at = performance.now();
    const limit = sleep(LIMIT_MS, undefined, { ref: false }).then(() => {
      throw new Error(`${user}: no session within ${LIMIT_MS} ms`);
    });
    await Promise.race([Promise.all([client.request(instantProfile(`n${group}`, `w${group}`)), session]), limit]);
    return performance.now() - at;
  } finally {
    await client.close();
  }
};

const newcomers = async (order: Extract<ToInstantProcess, { kind: "newcomers" }>) => {
  const { url, name, perS, forMs, groups } = order;
  const began = performance.now();
  const runs: Promise<{ ms: number } | { error: unknown }>[] = [];
  for (let n = 0; n < Math.round((perS * forMs) / 1_000); n++) {
    // An open rate: whoever is late doesn't hold up those who follow.
    await sleep(Math.max(0, began + (n * 1_000) / perS - performance.now()));
    const run = newcomer(url, `${name}-${n}`, n % groups);
    runs.push(
      run.then(
        (ms) => ({ ms }),
        (error: unknown) => ({ error }),
      ),
    );
  }
  const outcomes = await Promise.all(runs);
  const sessionMs = outcomes.flatMap((each) => ("ms" in each ? [each.ms] : []));
  const [firstMiss] = outcomes.flatMap((each) => ("error" in each ? [String(each.error)] : []));
  const missed = outcomes.length - sessionMs.length;
  const found: FromInstantProcess = {
    ...{ kind: "newcomers", sessionMs, missed },
    ...(firstMiss !== undefined && { firstMiss }),
  };
  process.send?.(found);
};

process.on("disconnect", () => process.exit(1));

process.once("message", (order: ToInstantProcess) => (order.kind === "newcomers" ? newcomers(order) : waiting(order)));
