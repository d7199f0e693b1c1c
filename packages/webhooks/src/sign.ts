import { createHmac } from "node:crypto";

/**
 * The headers by which an endpoint knows a message as ours, fresh and whole: HMAC-SHA256 over id, time and body, as the
 * Standard Webhooks specification has it (https://www.standardwebhooks.com).
 *
 * @param atMs when this try is made
 * @param keys one signature for each
 */
export const signedHeaders = (
  { id, body }: { id: string; body: string },
  atMs: number,
  keys: readonly Buffer[],
): Record<string, string> => {
  const timestamp = Math.floor(atMs / 1_000);
  const signatures = keys.map(
    (key) => `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
  };
};
