import type { Clock, Random } from "@muster/core";
import type { Delivery, TryHistory, TryOutcome } from "@muster/store";
import { backOffMs } from "./back-off.ts";
import type { Hook } from "./hook.ts";
import { post } from "./post.ts";
import { signedHeaders } from "./sign.ts";

export interface TryDeps {
  hook: Pick<Hook, "url" | "keys">;
  clock: Clock;
  random: Random;
  timeoutMs: number;
  giveUpAfterMs: number;
}

/** How a try went, and what is known of the endpoint by it. */
export type Tried = TryOutcome & { endpoint: "alive" | "failing" | "gone" };

/** Sends a message once and says what becomes of it: given up when the next try would come too late. */
export const tryDelivery = async (
  { hook, clock, random, timeoutMs, giveUpAfterMs }: TryDeps,
  delivery: Delivery,
  { tries, queuedAt }: TryHistory,
): Promise<Tried> => {
  const headers = signedHeaders(delivery, clock.now(), hook.keys);
  const answer = await post(hook.url, delivery.body, headers, timeoutMs);
  if (answer.kind === "taken") return { kind: "delivered", endpoint: "alive" };
  if (answer.kind === "gone") {
    return { kind: "never", reason: "answered 410: it wants no more messages", endpoint: "gone" };
  }
  const afterMs = backOffMs(tries, random);
  const isTooLate = clock.now() + afterMs > queuedAt + giveUpAfterMs;
  return {
    ...(isTooLate ? { kind: "never" } : { kind: "again", afterMs }),
    reason: answer.reason,
    endpoint: "failing",
  };
};
