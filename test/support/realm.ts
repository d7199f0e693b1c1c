import { RealmClient } from "@muster/client";
import type { StateFrame } from "@muster/core";

/** A realm of a test: enqueues players, watches them, and remembers every state that it was told. */
export interface TestRealm {
  client: RealmClient;
  /** Newest state by player. */
  states: ReadonlyMap<string, StateFrame>;
  /** Every state told, in order. */
  told: readonly StateFrame[];
  /** Resolves when all these players are in the state. */
  until(players: readonly string[], state: StateFrame["state"], withinMs?: number): Promise<void>;
  close(): Promise<void>;
}

export const openRealm = async (url: string): Promise<TestRealm> => {
  const client = new RealmClient({ url });
  const states = new Map<string, StateFrame>();
  const told: StateFrame[] = [];
  const waiting = new Set<() => void>();
  client.on("state", (frame) => {
    states.set(frame.player, frame);
    told.push(frame);
    for (const check of waiting) check();
  });
  await client.connect();
  return {
    client,
    states,
    told,
    until: (players, state, withinMs = 15_000) =>
      new Promise((resolve, reject) => {
        const missing = () => players.filter((player) => states.get(player)?.state !== state);
        const check = () => {
          if (missing().length > 0) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          const names = missing()
            .slice(0, 5)
            .map((player) => `${player} (${states.get(player)?.state ?? "untold"})`);
          reject(new Error(`after ${withinMs} ms not all players are ${state}: ${names.join(", ")} …`));
        }, withinMs);
        waiting.add(check);
        check();
      }),
    close: () => client.close(),
  };
};
