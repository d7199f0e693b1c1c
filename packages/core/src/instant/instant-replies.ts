import { type TProperties, type TSchema, Type } from "typebox";
import { Id } from "../ids.ts";
import { ERROR_EVENT, WAITLIST_EVENT } from "./instant-frames.ts";

/** What the server sends on `WS /v1/instant`, as schemas for whoever writes a client: the types are in instant-frames.ts. */

const closed = <Fields extends TProperties>(fields: Fields) => Type.Object(fields, { additionalProperties: false });

const frame = <Event extends TSchema, Data extends TSchema>(event: Event, data: Data, examples: object[]) =>
  Type.Object({ event, data }, { additionalProperties: false, examples });

const Alias = Type.String({ description: "New with each request, and nothing leads from it to the user." });
const Room = Type.String({ description: "The random room string of the request." });
const Session = Id("A match like any other: GET /v1/matches/{session}.");
const Time = (description: string) => Type.Integer({ description: `${description}, ms since the epoch.` });
const PROFILE = { user_data: { style: "casual" }, user_preferences: { style: { oneOf: ["casual"] } } };
const WAITING = { alias: "x7Kq2", random_room_string: "hRb2Zc", ...PROFILE };
const SESSION = "m_GytPqe89JEMENCCBaSrz";
const profile = {
  user_data: Type.Record(Type.String(), Type.Unknown()),
  user_preferences: Type.Record(Type.String(), Type.Unknown()),
};

export const WaitlistReply = frame(
  Type.Literal(WAITLIST_EVENT),
  Type.Array(closed({ alias: Alias, random_room_string: Room, ...profile }), {
    description: "Who waits: newcomers, and for a newcomer a sample of those who wait already.",
  }),
  [{ event: WAITLIST_EVENT, data: [WAITING] }],
);

export const StatusReply = frame(
  Type.String({ pattern: "^INSTANT_MATCH_", description: "The user's own channel: INSTANT_MATCH_{USER_ID}." }),
  Type.Union([
    closed({
      ...{ status: Type.Literal("WAITING"), alias: Alias, random_room_string: Room, ticket: Id("The ticket.") },
      expires_at: Time("When the request expires"),
      again: Type.Optional(Id("Only the other user of this ended session is waited for.")),
      ...profile,
    }),
    closed({
      ...{ status: Type.Literal("SESSION"), session: Session, random_room_string: Room },
      secret: Type.String({ description: "Known to these two only." }),
      partner: closed({ user_id: Id("Who it is."), ...profile }),
      ends_at: Time("When the session ends by itself"),
    }),
    closed({ status: Type.Literal("TAKEN"), alias: Alias }),
    closed({ status: Type.Union([Type.Literal("CANCELLED"), Type.Literal("EXPIRED")]) }),
    closed({ status: Type.Union([Type.Literal("ENDED"), Type.Literal("AGAIN_ASKED")]), session: Session }),
  ]),
  [
    {
      event: "INSTANT_MATCH_ann",
      data: { status: "WAITING", ticket: "t_2fa4480b2e9637c6f2fb", expires_at: 1_795_258_248_366, ...WAITING },
    },
    {
      event: "INSTANT_MATCH_ann",
      data: {
        ...{ status: "SESSION", session: SESSION, random_room_string: "hRb2Zc", secret: "1f7c09" },
        ...{ partner: { user_id: "bob", ...PROFILE }, ends_at: 1_795_261_730_123 },
      },
    },
    { event: "INSTANT_MATCH_ann", data: { status: "ENDED", session: SESSION } },
  ],
);

export const ErrorReply = frame(
  Type.Literal(ERROR_EVENT),
  closed({
    code: Type.String(),
    message: Type.String(),
    event: Type.Optional(Type.String({ description: "The event that was refused, when it could be told." })),
    alias: Type.Optional(Alias),
  }),
  [
    {
      event: ERROR_EVENT,
      data: {
        ...{ code: "NOT_WAITING", event: "INSTANT_MATCH", alias: "x7Kq2" },
        message: "You wait for no instant match. Send REQUEST_INSTANT_MATCH first.",
      },
    },
  ],
);
