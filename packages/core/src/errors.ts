import { type Static, Type } from "typebox";
import { Ticket } from "./ticket.ts";

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

export const FieldFault = Type.Object({
  field: Type.String({ description: "Where in the request, as a path: `players[0].elo`." }),
  message: Type.String(),
});
export type FieldFault = Static<typeof FieldFault>;

export const BusyPlayer = Type.Object({
  id: Type.String(),
  state: Type.String(),
  queue: Type.Optional(Type.String()),
  ticket: Type.Optional(Type.String()),
  match: Type.Optional(Type.String()),
});
export type BusyPlayer = Static<typeof BusyPlayer>;

export interface ErrorDetails {
  faults?: FieldFault[];
  busy?: BusyPlayer[];
  ticket?: Ticket;
  retryAfterS?: number;
  cause?: unknown;
}

/** An error of the catalogue. `message` says what is wrong and what to do next. */
export class MusterError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "MusterError";
    this.code = code;
    this.details = details;
  }
}

/** Whether the same call may succeed later; false for what is no error of the catalogue. */
export const isRetryable = (error: unknown): boolean => error instanceof MusterError && ERRORS[error.code].retryable;

/** An error as the API sends it: application/problem+json (RFC 9457) with Muster's stable `code`. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    // Type.Enum can't see literal types through Object.keys.
    code: Type.Unsafe<ErrorCode>(Type.Enum(Object.keys(ERRORS), { description: "What went wrong, stable." })),
    detail: Type.String({ description: "What is wrong here, and what to do next." }),
    field: Type.Optional(Type.String({ description: "The first field at fault." })),
    errors: Type.Optional(Type.Array(FieldFault)),
    players: Type.Optional(Type.Array(BusyPlayer, { description: "The players that are busy, and where." })),
    ticket: Type.Optional(Ticket),
    retryAfterS: Type.Optional(Type.Number()),
  },
  {
    title: "Problem",
    examples: [
      {
        ...{ type: "urn:muster:error:PLAYER_BUSY", title: "A player is already in a ticket or a match", status: 409 },
        code: "PLAYER_BUSY",
        detail: "Nothing was queued: ann is inqueue. A player can be in one ticket or match at a time.",
        players: [{ id: "ann", state: "inqueue", queue: "duel", ticket: "t_2fa4480b2e9637c6f2fb" }],
      },
      {
        ...{ type: "urn:muster:error:INVALID", title: "The request is not valid", status: 400, code: "INVALID" },
        ...{ detail: "players[0].elo must be number.", field: "players[0].elo" },
        errors: [{ field: "players[0].elo", message: "must be number" }],
      },
    ],
  },
);
export type Problem = Static<typeof Problem>;

export const toProblem = (error: MusterError): Problem => {
  const { status, title } = ERRORS[error.code];
  const { faults, busy, ticket, retryAfterS } = error.details;
  return {
    type: `urn:muster:error:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    ...(faults?.[0] && { field: faults[0].field, errors: faults }),
    ...(busy && { players: busy }),
    ...(ticket && { ticket }),
    ...(retryAfterS !== undefined && { retryAfterS }),
  };
};
