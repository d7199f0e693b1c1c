import { deferred } from "./deferred.ts";
import { MusterCredentialError } from "./errors.ts";

/** A key or token; or what gives one each time that it is needed, as for tokens that end soon. */
export type Credential = string | (() => string | Promise<string>);

/**
 * Who gives credentials may be slow, or never answer: the signal ends the wait for it.
 *
 * @throws MusterCredentialError when none could be had, and the signal's reason when it is aborted first
 */
export const readCredential = async (
  credential: Credential | undefined,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (typeof credential !== "function") return credential;
  const aborted = deferred<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([giveBy(credential), aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
};

const giveBy = async (credential: () => string | Promise<string>): Promise<string> => {
  try {
    return await credential();
  } catch (error) {
    throw new MusterCredentialError("No credential could be had", error);
  }
};

/** What a WebSocket with a credential offers: browsers let pages set no header, and addresses stand in logs. */
export const protocolsOf = (credential: string): string[] => ["muster.v1", `bearer.${credential}`];
