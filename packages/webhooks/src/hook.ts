import { EVENT_TYPES, QUEUE_NAME_PATTERN } from "@muster/core";
import { type Static, Type } from "typebox";

/** A hook as its file describes it: where to send which events. */
export const HookDefinition = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z][a-z0-9-]{0,31}$", description: "Its name, in logs, answers and Redis." }),
    url: Type.String({
      pattern: "^https?://",
      maxLength: 2_048,
      description: "Where messages are sent. Addresses of private networks are fine: Muster runs inside one.",
    }),
    queues: Type.Optional(
      Type.Array(Type.String({ pattern: QUEUE_NAME_PATTERN }), {
        minItems: 1,
        uniqueItems: true,
        description: "Only events of these queues. Absent: of all.",
      }),
    ),
    events: Type.Optional(
      Type.Array(Type.Enum(EVENT_TYPES), {
        minItems: 1,
        uniqueItems: true,
        description: "Absent: matched, cancelled, expired and ended.",
      }),
    ),
    concurrency: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: "Messages at a time from each process, of each partition. Absent: 4.",
      }),
    ),
  },
  { additionalProperties: false },
);

/** Each hook has three connections to Redis in each process, for each partition, so there is a bound. */
export const HooksFile = Type.Array(HookDefinition, { minItems: 1, maxItems: 50 });

const Secret = Type.String({
  pattern: "^whsec_[A-Za-z0-9+/]{32,}={0,2}$",
  description: "whsec_ and 24 to 64 random bytes in base64.",
});

/** By hook; several while one takes another's place: each message is signed with all of them. */
export const SecretsFile = Type.Record(
  Type.String(),
  Type.Union([Secret, Type.Array(Secret, { minItems: 1, maxItems: 4 })]),
);

/** A hook with everything filled in. */
export interface Hook extends Required<Pick<Static<typeof HookDefinition>, "id" | "url" | "concurrency">> {
  /** Undefined: all. */
  queues: ReadonlySet<string> | undefined;
  events: ReadonlySet<string>;
  /** Never shown and never logged. */
  keys: readonly Buffer[];
}

const DEFAULT_EVENTS = ["matched", "cancelled", "expired", "ended"];
const DEFAULT_CONCURRENCY = 4;

export const toHook = (definition: Static<typeof HookDefinition>, secrets: readonly string[]): Hook => ({
  id: definition.id,
  url: definition.url,
  concurrency: definition.concurrency ?? DEFAULT_CONCURRENCY,
  queues: definition.queues && new Set(definition.queues),
  events: new Set(definition.events ?? DEFAULT_EVENTS),
  keys: secrets.map((secret) => Buffer.from(secret.slice("whsec_".length), "base64")),
});
