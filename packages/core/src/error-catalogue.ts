/**
 * Every error that a caller can meet, in one place: its stable code, HTTP status, and whether the same call may
 * succeed later. A bare `new Error` elsewhere is for what can't happen.
 */
export const ERRORS = {
  INVALID: { status: 400, title: "The request is not valid", retryable: false },
  UNAUTHORIZED: { status: 401, title: "A key is missing, or is the wrong one", retryable: false },
  FORBIDDEN: { status: 403, title: "This is switched off here, or not for this key", retryable: false },
  BODY_TOO_LARGE: { status: 413, title: "The body is too large", retryable: false },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "The body must be JSON", retryable: false },
  ROUTE_NOT_FOUND: { status: 404, title: "There is no such route", retryable: false },
  QUEUE_NOT_FOUND: { status: 404, title: "There is no such queue", retryable: false },
  TICKET_NOT_FOUND: { status: 404, title: "There is no such ticket", retryable: false },
  MATCH_NOT_FOUND: { status: 404, title: "There is no such match", retryable: false },
  NOT_IN_MATCH: { status: 403, title: "The player is not in this match", retryable: false },
  PLAYER_BUSY: { status: 409, title: "A player is already in a ticket or a match", retryable: false },
  TICKET_OVER: { status: 409, title: "The ticket has ended", retryable: false },
  COOLDOWN: { status: 409, title: "A player may not queue yet", retryable: false },
  WRONG_STATE: { status: 409, title: "The match is not in a state for this", retryable: false },
  MATCH_ENDED: { status: 409, title: "The match has ended", retryable: false },
  VERSION_CONFLICT: { status: 409, title: "The ticket was changed in between", retryable: false },
  IDEMPOTENCY_CONFLICT: { status: 409, title: "The idempotency key was used for another request", retryable: false },
  IMPOSSIBLE: { status: 422, title: "No match of this queue could ever hold this ticket", retryable: false },
  NOT_WAITING: { status: 409, title: "The user does not wait for an instant match", retryable: false },
  NOT_COMPATIBLE: { status: 409, title: "The two do not fit each other's preferences", retryable: false },
  TOO_MANY_REQUESTS: { status: 429, title: "Too many requests in a short time", retryable: true },
  OVERLOADED: { status: 429, title: "More players wait than can be served", retryable: true },
  STORE_UNAVAILABLE: { status: 503, title: "Redis can't be used right now", retryable: true },
  INTERNAL: { status: 500, title: "Something went wrong on our side", retryable: false },
} as const;

export type ErrorCode = keyof typeof ERRORS;
