import { AsyncLocalStorage } from "node:async_hooks";
import { MusterApiError, MusterConnectionError } from "@muster/client";
import type { Call } from "./history.ts";

export interface Recorder {
  readonly calls: readonly Call[];
  /** What an SDK is to call with: so that attempts which it repeats by itself are seen. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Makes a call and records it, with what its answer says.
   *
   * @param answered the facts of each call that it stands for, as of a batch's tickets
   * @returns the answer; undefined when there was none, or a refusal
   */
  record<Answer>(
    calls: readonly CallFacts[],
    make: () => Promise<Answer>,
    answered: (answer: Answer) => readonly Partial<Call>[],
  ): Promise<Answer | undefined>;
}

/** What is known of a call before it is made. */
export type CallFacts = Pick<Call, "call" | "players"> & Partial<Call>;

export const createRecorder = (): Recorder => {
  const calls: Call[] = [];
  /** Of the call that is being made: whether one of its attempts has no answer, and so may have taken effect or yet may. */
  const current = new AsyncLocalStorage<{ unanswered: boolean }>();
  const noAnswer = () => {
    const call = current.getStore();
    if (call) call.unanswered = true;
  };
  /** What an attempt without an answer did may be why the next one was refused. */
  const push = (call: Call, unanswered: boolean) => {
    const outcome = call.outcome === "refused" && unanswered ? "unknown" : call.outcome;
    calls.push({ ...call, outcome, at: Date.now() });
  };
  return {
    calls,
    fetch: async (input, init) => {
      try {
        const response = await fetch(input, init);
        const text = await response.text();
        if (response.status >= 500) noAnswer();
        return new Response(text, { status: response.status, headers: response.headers });
      } catch (error) {
        noAnswer();
        throw error;
      }
    },
    record: (facts, make, answered) => {
      const call = { unanswered: false };
      return current.run(call, async () => {
        try {
          const answer = await make();
          for (const [index, told] of answered(answer).entries()) {
            const about = facts[index];
            if (about) push({ ...about, outcome: "done", ...told }, call.unanswered);
          }
          return answer;
        } catch (error) {
          const outcome = error instanceof MusterApiError && error.status < 500 ? "refused" : "unknown";
          const code = codeOf(error);
          for (const about of facts) push({ ...about, outcome, ...(code !== undefined && { code }) }, call.unanswered);
          return undefined;
        }
      });
    },
  };
};

/** Of an answer its code; without one `timeout` or `unreachable`. */
const codeOf = (error: unknown): string | undefined => {
  if (error instanceof MusterApiError) return error.code;
  return error instanceof MusterConnectionError ? error.reason : undefined;
};
