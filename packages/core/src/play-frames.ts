import { type Static, type TProperties, Type } from "typebox";
import { PlayerAnswer } from "./answers.ts";
import { Id } from "./ids.ts";
import type { PongFrame, StateFrame } from "./realm-frames.ts";
import { NewTicketRequest, TicketChange } from "./ticket.ts";

/** Frames of `WS /v1/play?player=ID`, a player's own connection. */

const id = Type.Optional(
  Type.String({ maxLength: 128, description: "Comes back in the answer, to tell answers apart." }),
);
const ticket = Id("The player's ticket.");
const match = Id("The match.");

/** @param example its fields, as in a frame */
const request = <Op extends string, Fields extends TProperties>(op: Op, fields: Fields, example: object) =>
  Type.Object(
    { op: Type.Literal(op), id, ...fields },
    { additionalProperties: false, examples: [{ op, id: "1", ...example }] },
  );
const TICKET = { ticket: "t_2fa4480b2e9637c6f2fb" };
const MATCH = { match: "m_GytPqe89JEMENCCBaSrz" };

/** Each means the HTTP call of the same name, made for this player; but `ping`, which is answered with pong. */
export const PlayRequest = Type.Union([
  request(
    "queue",
    {
      queue: Type.String({ maxLength: 64 }),
      ticket: NewTicketRequest,
      replace: Type.Optional(Type.Boolean({ description: "Cancels the ticket that the player waits in, first." })),
    },
    { queue: "duel", ticket: { players: [{ id: "ann", elo: 1_200 }] } },
  ),
  request("change", { ticket, ...TicketChange.properties }, { ...TICKET, version: 1, attributes: { map: "sea" } }),
  request("cancel", { ticket }, TICKET),
  request("accept", { match }, MATCH),
  request("decline", { match }, MATCH),
  request("join", { match }, MATCH),
  request("leave", { match }, MATCH),
  request("spectate", { match }, MATCH),
  request("ping", {}, {}),
]);
export type PlayRequest = Static<typeof PlayRequest>;

/** The first frame: where the player is, and what it was last queued with. State frames follow. */
export const HelloFrame = Type.Object(
  { op: Type.Literal("hello"), player: PlayerAnswer },
  { examples: [{ op: "hello", player: { id: "ann", state: "idle", version: 0, at: 0, tries: 0 } }] },
);
export type HelloFrame = Static<typeof HelloFrame>;

/** What the HTTP API answered; an error of it is a problem as over HTTP. */
export const AnswerFrame = Type.Object(
  { op: Type.Literal("answer"), id, status: Type.Integer(), body: Type.Unknown() },
  { examples: [{ op: "answer", id: "1", status: 200, body: { outcome: "cancelled" } }] },
);
export type AnswerFrame = Static<typeof AnswerFrame>;

/** The frame with this id was not carried out; the connection stays open. */
export const PlayErrorFrame = Type.Object(
  { op: Type.Literal("error"), id, code: Type.String(), message: Type.String() },
  {
    examples: [{ op: "error", id: "1", code: "INVALID", message: 'ticket must be the one that player "ann" is in' }],
  },
);
export type PlayErrorFrame = Static<typeof PlayErrorFrame>;

export type PlayReply = HelloFrame | Static<typeof StateFrame> | AnswerFrame | PlayErrorFrame | PongFrame;

/** Close code: a newer connection of the same player took its place. Not to be opened again by itself. */
export const CLOSE_REPLACED = 4001;
/** With this code every connection ends whose key was revoked or whose token is over: come back with another. */
export const CLOSE_NOT_ALLOWED = 4003;
