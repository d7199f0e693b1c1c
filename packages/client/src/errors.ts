import type { ErrorCode, Problem } from "@muster/core";

/** Muster, or a proxy before it, answered with an error. */
export class MusterApiError extends Error {
  readonly status: number;
  /** What Muster says about it; absent when the answer came from something else, such as a proxy. */
  readonly problem?: Problem;
  /** How long the server asked to wait before the next try, in ms. */
  readonly retryAfterMs?: number;

  constructor(message: string, status: number, details: { problem?: Problem; retryAfterMs?: number } = {}) {
    super(message);
    this.name = "MusterApiError";
    this.status = status;
    if (details.problem) this.problem = details.problem;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
  }

  get code(): ErrorCode | undefined {
    return this.problem?.code;
  }
}

/**
 * No answer came: `unreachable` (no connection, or it broke) or `timeout`. The server may have done what was asked;
 * an enqueue repeated with the same idempotency key finds out.
 */
export class MusterConnectionError extends Error {
  readonly reason: "unreachable" | "timeout";

  constructor(reason: "unreachable" | "timeout", message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "MusterConnectionError";
    this.reason = reason;
  }
}

/** There was no key or token to come with, or Muster takes the one that there was no more. `cause`: why none could be had. */
export class MusterCredentialError extends Error {
  constructor(message: string, cause?: unknown) {
    super(`${message}${cause instanceof Error ? `: ${cause.message}` : ""}`, { cause });
    this.name = "MusterCredentialError";
  }
}

/** An error frame of the realm WebSocket, or a frame that can't be understood. The connection stays open. */
export class MusterFrameError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "MusterFrameError";
    this.code = code;
  }
}
