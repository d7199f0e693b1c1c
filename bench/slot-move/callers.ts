import { setTimeout as sleep } from "node:timers/promises";

/** What a caller saw of one call. */
export interface Call {
  /** ms on this process' clock. */
  sentAt: number;
  answeredAt: number;
  /** 0 when no answer came. */
  status: number;
  /** Of the ticket that was accepted. */
  ticket?: string;
}

export interface Callers {
  readonly calls: readonly Call[];
  /** Sends no more, and resolves when all are answered. */
  stop(): Promise<void>;
}

const LIMIT_MS = 10_000;

/**
 * Enqueues single players of one elo, at a steady pace; nobody calls twice.
 *
 * @param name of these players, apart from others'
 */
export const startCallers = (
  url: string,
  { queue, everyMs, name }: { queue: string; everyMs: number; name: string },
): Callers => {
  const calls: Call[] = [];
  const ending = new AbortController();
  const enqueue = async (player: string) => {
    const sentAt = performance.now();
    const response = await fetch(`${url}/v1/queues/${queue}/tickets`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ players: [{ id: player, elo: 1_000, avgPingMs: 30 }] }),
      signal: AbortSignal.timeout(LIMIT_MS),
    }).catch(() => undefined);
    const body = (await response?.json().catch(() => undefined)) as { id?: string } | undefined;
    const ticket = response?.status === 201 ? body?.id : undefined;
    calls.push({
      ...{ sentAt, answeredAt: performance.now(), status: response?.status ?? 0 },
      ...(ticket !== undefined && { ticket }),
    });
  };
  const send = async () => {
    const sent: Promise<void>[] = [];
    const beganAt = performance.now();
    for (let n = 0; !ending.signal.aborted; n++) {
      sent.push(enqueue(`${name}-${n}`));
      const nextAt = beganAt + (n + 1) * everyMs;
      await sleep(Math.max(0, nextAt - performance.now()), undefined, { signal: ending.signal }).catch(() => {});
    }
    await Promise.all(sent);
  };
  const sending = send();
  return {
    calls,
    stop: async () => {
      ending.abort();
      await sending;
    },
  };
};

/** The longest time, ms, in which no call that was sent succeeded; by when calls were sent. */
export const longestGapMs = (calls: readonly Call[]): number => {
  const inOrder = calls.filter(({ status }) => status === 201).map(({ sentAt }) => sentAt);
  inOrder.sort((a, b) => a - b);
  return inOrder.reduce((gap, sentAt, n) => Math.max(gap, sentAt - (inOrder[n - 1] ?? sentAt)), 0);
};
