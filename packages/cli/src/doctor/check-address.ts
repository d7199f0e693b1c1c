import { MusterApiError, RealmClient } from "@muster/client";
import type { Check } from "@muster/store";

/** So long may an answer take; a system that is well answers in milliseconds. */
const LIMIT_MS = 5_000;
/** Nobody's player, and watched, not queued: nothing is written. */
const PROBE = "muster-doctor";

export interface Address {
  /** Of nginx: `http://127.0.0.1:8080`. */
  url: string;
  apiKey: string | undefined;
}

/** Looks at Muster as realms do: whether nginx has a service that is ready, takes calls, and lets WebSockets through. */
export const checkAddress = async (address: Address): Promise<Check[]> => {
  const ready = await checkReady(address.url);
  // Without an answer the others could only say the same once more.
  return ready.answered ? [ready.check, await checkCalls(address), await checkSocket(address)] : [ready.check];
};

const checkReady = async (url: string): Promise<{ answered: boolean; check: Check }> => {
  const check = { name: "nginx", status: "wrong" } as const;
  try {
    const answer = await fetch(new URL("readyz", withSlash(url)), { signal: AbortSignal.timeout(LIMIT_MS) });
    await answer.body?.cancel();
    if (answer.ok) return { answered: true, check: { ...check, status: "ok", text: "/readyz answers" } };
    const text = `/readyz answers ${answer.status}`;
    const howToMend = "see that orchestrators run where nginx looks for them, and reload nginx after they moved";
    return { answered: true, check: { ...check, text, howToMend } };
  } catch (error) {
    const text = `${url} gives no answer: ${reasonOf(error)}`;
    return { answered: false, check: { ...check, text, howToMend: "start nginx, or name its address by --url" } };
  }
};

const checkCalls = async ({ url, apiKey }: Address): Promise<Check> => {
  const check = { name: "API", status: "wrong" } as const;
  try {
    const queues = await new RealmClient({ url, apiKey, attempts: 1, timeoutMs: LIMIT_MS }).queues();
    return { ...check, status: "ok", text: `it has the queues ${queues.map(({ name }) => name).join(", ")}` };
  } catch (error) {
    const isRefused = error instanceof MusterApiError && (error.status === 401 || error.status === 403);
    const howToMend = isRefused ? WITH_A_KEY : "look at the orchestrators' logs";
    return { ...check, text: reasonOf(error), howToMend };
  }
};

const WITH_A_KEY = "give a key that is good for all queues in MUSTER_API_KEY; muster keys create makes one";

const checkSocket = async ({ url, apiKey }: Address): Promise<Check> => {
  const check = { name: "WebSocket", status: "wrong" } as const;
  const realm = new RealmClient({ url, apiKey, timeoutMs: LIMIT_MS });
  const told = Promise.withResolvers<boolean>();
  realm.on("state", () => told.resolve(true));
  const limit = setTimeout(() => told.resolve(false), 2 * LIMIT_MS);
  try {
    await realm.connect();
    realm.watch([PROBE]);
    if (await told.promise) return { ...check, status: "ok", text: "/v1/realm opens, and tells a player's state" };
    const text = `/v1/realm opens, but tells no state within ${LIMIT_MS / 1_000} s`;
    return { ...check, text, howToMend: "look at the playservers' logs: can they read from Redis?" };
  } catch (error) {
    const howToMend =
      "see that a playserver runs where nginx looks for it, and that each proxy before it passes Upgrade and Connection on";
    return {
      ...check,
      text: reasonOf(error),
      howToMend: apiKey === undefined ? `${howToMend}, or ${WITH_A_KEY}` : howToMend,
    };
  } finally {
    clearTimeout(limit);
    await realm.close();
  }
};

const withSlash = (url: string): string => (url.endsWith("/") ? url : `${url}/`);

/** fetch hides why it failed in the cause. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
};
