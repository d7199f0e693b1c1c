/** What an endpoint answered. */
export type Answer =
  | { kind: "taken" }
  /** It wants no more messages, ever. */
  | { kind: "gone" }
  | { kind: "failed"; reason: string };

/** So much of an answer is read, for the operator's eyes. */
const ANSWER_MAX_BYTES = 512;

/** Sends one message. Never throws: whatever goes wrong is an answer. Redirects are not followed. */
export const post = async (
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Answer> => {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "user-agent": "Muster-Webhooks", ...headers },
      redirect: "manual",
      signal,
    });
    if (response.ok || response.status === 410) {
      await response.body?.cancel().catch(() => {});
      return { kind: response.ok ? "taken" : "gone" };
    }
    const text = await beginning(response);
    return { kind: "failed", reason: `answered ${response.status}${text && `: ${text}`}` };
  } catch (error) {
    if (signal.aborted) return { kind: "failed", reason: `did not answer within ${timeoutMs} ms` };
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { kind: "failed", reason: cause instanceof Error ? cause.message : String(cause) };
  }
};

const beginning = async ({ body }: Response): Promise<string> => {
  if (!body) return "";
  let text = "";
  const decoder = new TextDecoder();
  // Leaving the loop cancels the rest.
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= ANSWER_MAX_BYTES) break;
  }
  return text.slice(0, ANSWER_MAX_BYTES).replace(/\s+/g, " ").trim();
};
