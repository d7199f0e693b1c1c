import { type TSchema, Type } from "typebox";
import { Id } from "./ids.ts";
import { INSTANT_REQUESTS } from "./instant/instant-frames.ts";
import { ErrorReply, StatusReply, WaitlistReply } from "./instant/instant-replies.ts";
import { AnswerFrame, HelloFrame, PlayErrorFrame, PlayRequest } from "./play-frames.ts";
import { ErrorFrame, PongFrame, RealmRequest, SeenVersion, StateFrame } from "./realm-frames.ts";

/** One WebSocket route: what is sent to it, and what it sends. */
interface Socket {
  address: string;
  about: string;
  query?: Record<string, TSchema>;
  receives: Record<string, TSchema>;
  sends: Record<string, TSchema>;
  /** Which of the ways in are good for it, where keys are in use. */
  security: keyof typeof SECURITY;
}

const SECURITY = {
  realmKey: {
    ...{ type: "http", scheme: "bearer" },
    description:
      "Where keys are in use: a realm's API key. Where no header can be set, as in browsers, the subprotocols `muster.v1` and `bearer.KEY`.",
  },
  playerToken: {
    ...{ type: "http", scheme: "bearer", bearerFormat: "JWT" },
    description:
      "Where keys are in use: a JWT of the player that its realm has signed; realms' keys are good too. In browsers the subprotocols `muster.v1` and `bearer.TOKEN`.",
  },
};

/** The members of a union of frames, each by the value of its `op`. */
const byOp = (union: TSchema & { anyOf: readonly TSchema[] }): Record<string, TSchema> =>
  Object.fromEntries(union.anyOf.map((frame) => [opOf(frame), frame]));

const opOf = (frame: TSchema): string => (frame as { properties: { op: { const: string } } }).properties.op.const;

const event = (name: string, data: TSchema): TSchema =>
  Type.Object(
    { event: Type.Literal(name), data },
    { additionalProperties: false, examples: examplesOf(data).map((each) => ({ event: name, data: each })) },
  );

const examplesOf = (schema: TSchema): readonly unknown[] =>
  (schema as { examples?: readonly unknown[] }).examples ?? [];

const SOCKETS: Record<string, Socket> = {
  realm: {
    address: "/v1/realm",
    about: "A realm watches any number of its players. Where keys are on, it sends its API key as bearer token.",
    receives: byOp(RealmRequest),
    sends: { state: StateFrame, pong: PongFrame, error: ErrorFrame },
    security: "realmKey",
  },
  play: {
    address: "/v1/play",
    about:
      "A player's own connection: as long as it is open the player is there. Each request but ping means the HTTP call of the same name. Close code 4001: a newer connection took its place; 4003: the token is over or revoked.",
    query: {
      player: Id("Who this is."),
      version: Type.Optional({
        ...SeenVersion,
        description:
          "The newest version that was told of it, as by who comes back: hello has none that is older, but 0 of who is forgotten.",
      }),
    },
    receives: byOp(PlayRequest),
    sends: { hello: HelloFrame, state: StateFrame, answer: AnswerFrame, pong: PongFrame, error: PlayErrorFrame },
    security: "playerToken",
  },
  instant: {
    address: "/v1/instant",
    about:
      "Users who wait are told of each other under aliases, and claim whom they like. user_data and user_preferences have the fields that the deployment declares in its queue `instant`: GET /v1/queues/instant.",
    receives: Object.fromEntries(Object.entries(INSTANT_REQUESTS).map(([name, data]) => [name, event(name, data)])),
    sends: { waitlist: WaitlistReply, status: StatusReply, error: ErrorReply },
    security: "playerToken",
  },
};

/** What the WebSockets speak, as an AsyncAPI 3.0 document: https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export const describeSockets = (): Record<string, unknown> => ({
  asyncapi: "3.0.0",
  info: {
    title: "Muster's WebSockets",
    version: "1",
    description:
      "Frames are JSON, one object each. The HTTP API is described by /openapi.json. Roles are the server's: it receives requests, and sends replies.",
  },
  defaultContentType: "application/json",
  channels: Object.fromEntries(Object.entries(SOCKETS).map(([name, socket]) => [name, toChannel(socket)])),
  operations: Object.fromEntries(
    Object.entries(SOCKETS).flatMap(([name, { receives, sends, security }]) => [
      [
        `${name}Requests`,
        { ...toOperation("receive", name, Object.keys(receives).map(requestName)), ...securedBy(security) },
      ],
      [`${name}Replies`, { ...toOperation("send", name, Object.keys(sends)), ...securedBy(security) }],
    ]),
  ),
  components: { securitySchemes: SECURITY },
});

/** A request and a reply of one route may have one name. */
const requestName = (name: string): string => `${name}Request`;

const toChannel = ({ address, about, query, receives, sends }: Socket) => ({
  ...{ address, description: about },
  messages: Object.fromEntries([
    ...Object.entries(receives).map(([name, payload]) => [requestName(name), toMessage(name, payload)]),
    ...Object.entries(sends).map(([name, payload]) => [name, toMessage(name, payload)]),
  ]),
  bindings: { ws: { method: "GET", ...(query && { query: Type.Object(query) }) } },
});

const toMessage = (name: string, payload: TSchema) => ({
  ...{ name, payload },
  examples: examplesOf(payload).map((example) => ({ payload: example })),
});

const securedBy = (scheme: keyof typeof SECURITY) => ({
  security: [{ $ref: `#/components/securitySchemes/${scheme}` }],
});

const toOperation = (action: "receive" | "send", channel: string, messages: readonly string[]) => ({
  action,
  channel: { $ref: `#/channels/${channel}` },
  messages: messages.map((message) => ({ $ref: `#/channels/${channel}/messages/${message}` })),
});
