import { type Static, Type } from "typebox";
import { ERRORS, type ErrorCode } from "./error-catalogue.ts";
import { Ticket } from "./ticket.ts";

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
