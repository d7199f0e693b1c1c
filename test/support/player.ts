import { PlayerClient } from "@muster/client";
import type { PlayerAnswer, StateFrame } from "@muster/core";
import { expect, onTestFinished } from "vitest";

/** A player's own connection, closed when the test is over. */
export const openPlayer = async (url: string, player: string) => {
  const client = new PlayerClient({ url, player });
  const hellos: PlayerAnswer[] = [];
  const states: StateFrame[] = [];
  client.onHello((hello) => hellos.push(hello));
  client.onState((state) => states.push(state));
  await client.connect();
  onTestFinished(() => client.close());
  await expect.poll(() => hellos.length, { timeout: 15_000 }).toBe(1);
  return { client, player, hellos, state: () => states.at(-1) };
};
