import type { Problem, Random } from "@muster/core";
import { ERRORS } from "@muster/core/error-catalogue";
import { backOffMs, sleep } from "./back-off.ts";
import { type Credential, readCredential } from "./credential.ts";
import { MusterApiError, MusterConnectionError } from "./errors.ts";

export type Fetch = typeof globalThis.fetch;

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** The time limit of the whole call, retries and all. */
  timeoutMs?: number | undefined;
  /** Attempts in all; 1 means no retry. */
  attempts?: number | undefined;
}

export interface HttpOptions {
  /** Where Muster is: `http://127.0.0.1:8080`, with a path when a proxy adds one. */
  url: string;
  fetch: Fetch;
  random: Random;
  timeoutMs: number;
  attempts: number;
  credential?: Credential | undefined;
}

interface Request extends CallOptions {
  body?: unknown;
  idempotencyKey?: string;
}

const RETRY_BACK_OFF = { firstMs: 100, mostMs: 2_000 };

/** What may succeed when it is sent again: Muster's retryable errors, and a proxy that lost its backend. */
const RETRYABLE_STATUS: ReadonlySet<number> = new Set([
  ...Object.values(ERRORS).flatMap((error) => (error.retryable ? [error.status] : [])),
  502,
  504,
]);

/**
 * Calls of the HTTP API with a time limit and retries. Every call of the API may be sent twice: reads, cancel and end
 * answer the same again, an enqueue carries an idempotency key, and a change names the version that it was made from.
 */
export class Http {
  readonly #options: HttpOptions;
  readonly #base: string;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#base = options.url.replace(/\/+$/, "");
  }

  /**
   * @param path from the base URL on, with a leading slash; its parts already encoded
   * @throws MusterApiError for an answer that is an error, MusterConnectionError when there is none,
   * MusterCredentialError without a credential, and the signal's reason when it is aborted
   */
  async call<Answer>(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    request: Request = {},
  ): Promise<Answer> {
    const { timeoutMs = this.#options.timeoutMs, attempts = this.#options.attempts } = request;
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, limit.signal]) : limit.signal;
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#attempt<Answer>(method, path, request, signal);
        } catch (error) {
          request.signal?.throwIfAborted();
          if (limit.signal.aborted) throw this.#timeout(timeoutMs, error);
          if (attempt >= attempts || !isRetryable(error)) throw error;
          const askedMs = error instanceof MusterApiError ? (error.retryAfterMs ?? 0) : 0;
          // A wait that reaches past the limit could only end in a time-out, which says less than this error.
          if (askedMs >= timeoutMs) throw error;
          await sleep(Math.max(askedMs, backOffMs(attempt, RETRY_BACK_OFF, this.#options.random)), signal);
          request.signal?.throwIfAborted();
          if (limit.signal.aborted) throw error;
        }
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async #attempt<Answer>(method: string, path: string, request: Request, signal: AbortSignal): Promise<Answer> {
    const { status, headers, text } = await this.#send(method, path, request, signal);
    const answer = parseJson(text);
    // The API's contract is that a success is the JSON of its schema; checking it again would double the work.
    if (status >= 200 && status < 300 && answer !== undefined) return answer as Answer;
    const problem = isProblem(answer) ? answer : undefined;
    const retryAfterMs = readRetryAfterMs(headers.get("retry-after"), problem);
    throw new MusterApiError(
      problem?.detail ?? `${this.#base}${path} answered ${status}, but not as Muster does`,
      status,
      { ...(problem && { problem }), ...(retryAfterMs !== undefined && { retryAfterMs }) },
    );
  }

  async #send(method: string, path: string, { body, idempotencyKey }: Request, signal: AbortSignal) {
    // Not called as a method of the options: a browser's fetch refuses any `this` but the window.
    const { fetch } = this.#options;
    const credential = await readCredential(this.#options.credential, signal);
    try {
      const response = await fetch(this.#base + path, {
        method,
        signal,
        headers: {
          ...(body !== undefined && { "content-type": "application/json" }),
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
          ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      throw new MusterConnectionError("unreachable", `Can't reach Muster at ${this.#base}: ${reasonOf(error)}`, error);
    }
  }

  #timeout(timeoutMs: number, error: unknown): MusterConnectionError {
    const message = `Muster at ${this.#base} gave no answer within ${timeoutMs} ms`;
    return new MusterConnectionError("timeout", message, error);
  }
}

const isRetryable = (error: unknown): boolean =>
  error instanceof MusterConnectionError || (error instanceof MusterApiError && RETRYABLE_STATUS.has(error.status));

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isProblem = (answer: unknown): answer is Problem =>
  typeof answer === "object" && answer !== null && "code" in answer && "status" in answer && "detail" in answer;

/** From the header (only whole seconds: Muster sends no dates) or, where a browser hides headers, from the problem. */
const readRetryAfterMs = (header: string | null, problem: Problem | undefined): number | undefined => {
  const seconds = header !== null && /^\d+$/.test(header) ? Number(header) : problem?.retryAfterS;
  return seconds === undefined ? undefined : seconds * 1_000;
};

/** fetch hides why it failed ("fetch failed") in the cause. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ("code" in cause ? String(cause.code) : error.message);
};
