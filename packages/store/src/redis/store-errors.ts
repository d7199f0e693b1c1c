import { MusterError } from "@muster/core";

/** Redis answers, but can't do its work now: it loads, is full, read-only, fails over … */
const PASSING =
  /^(-?(READONLY|OOM|LOADING|MISCONF|CLUSTERDOWN|NOREPLICAS|MASTERDOWN|MOVED|EXECABORT|ASK|TRYAGAIN|BUSY|NOAUTH|WRONGPASS)\b)/;

/** A script in a slot that is moving: a key of it is gone, and would be made at the other node. */
const MOVING = "attempted to access a non local key";

const RETRY_AFTER_S = 1;

const isReplyError = (error: Error): boolean => error.name === "ReplyError";

/** Whether the same call may succeed once Redis is well again. */
export const isStoreUnavailable = (error: unknown): boolean => {
  if (error instanceof MusterError) return error.code === "STORE_UNAVAILABLE";
  if (!(error instanceof Error)) return false;
  if (isReplyError(error)) return PASSING.test(error.message) || error.message.includes(MOVING);
  // ioredis reports lost connections, time-outs and refused commands as plain errors of these words.
  return /connection is closed|timed out|isn't writeable|ECONN|EPIPE|ETIMEDOUT|max retries|socket|CLOSED/i.test(
    error.message,
  );
};

export const unavailable = (message: string, cause?: unknown): MusterError =>
  new MusterError("STORE_UNAVAILABLE", message, { retryAfterS: RETRY_AFTER_S, cause });

/** Runs a store operation; a Redis that can't be used becomes STORE_UNAVAILABLE, anything else stays what it is. */
export const orUnavailable = async <Result>(operation: () => Promise<Result>): Promise<Result> => {
  try {
    return await operation();
  } catch (cause) {
    if (cause instanceof MusterError || !isStoreUnavailable(cause)) throw cause;
    throw unavailable(
      "Redis can't be used right now, so it is not known whether anything was changed. Try again; with the same Idempotency-Key an enqueue happens only once.",
      cause,
    );
  }
};

/** The same for an operation that tells its results one by one. */
export const eachOrUnavailable = async function* <Result>(
  results: AsyncIterator<Result> & AsyncDisposable,
): AsyncGenerator<Result> {
  // Whoever stops early ends the operation, too.
  await using told = results;
  for (;;) {
    const { done, value } = await orUnavailable(() => told.next());
    if (done) return;
    yield value;
  }
};
