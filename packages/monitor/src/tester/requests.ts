import { MusterError } from "@muster/core";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

/** What the page may ask for with the admin key: only for trying things out. */

const Spawn = Type.Object(
  {
    action: Type.Literal("spawn"),
    queue: Type.String({ minLength: 1, maxLength: 64 }),
    count: Type.Integer({ minimum: 1, maximum: 5_000 }),
    perSecond: Type.Number({ minimum: 1, maximum: 500 }),
    partySize: Type.Integer({ minimum: 1, maximum: 10 }),
    pingMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_000 })),
    region: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    name: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
);
export type Spawn = Static<typeof Spawn>;

export const ACTS = ["cancel", "disconnect", "reconnect", "accept", "decline", "join", "leave", "end"] as const;
export type ActName = (typeof ACTS)[number];
/** What can be done for many at once. */
export const EACH = ["cancel", "disconnect", "reconnect", "accept", "decline"] as const satisfies ActName[];
export type EachName = (typeof EACH)[number];

const id = Type.String({ minLength: 1, maxLength: 64 });
const closed = { additionalProperties: false };
const Act = Type.Object({ action: Type.Enum([...ACTS]), player: id }, closed);
/** For up to so many of a run's players who are in a state for it. */
const Each = Type.Object(
  {
    action: Type.Literal("each"),
    act: Type.Enum([...EACH]),
    run: id,
    count: Type.Integer({ minimum: 1, maximum: 5_000 }),
  },
  closed,
);
export type Each = Static<typeof Each>;
const Stop = Type.Object({ action: Type.Literal("stop"), run: id }, closed);
const Service = Type.Object({ action: Type.Enum(["kill", "restart"]), service: id }, closed);

export type TesterRequest = Spawn | Static<typeof Act> | Each | Static<typeof Stop> | Static<typeof Service>;

const checks = [Spawn, Act, Each, Stop, Service].map((schema) => Compile(schema));

/** @throws MusterError INVALID that says what may be asked for */
export const parseTesterRequest = (body: unknown): TesterRequest => {
  // One of the union's members: its own schema accepted it.
  if (checks.some((check) => check.Check(body))) return body as TesterRequest;
  throw new MusterError(
    "INVALID",
    `Nothing was done: action is one of spawn {queue, count up to 5000, perSecond up to 500, partySize, pingMs?, region?, name?}, stop {run}, each {act: ${EACH.join(", ")}; run, count}, kill or restart {service}, or ${ACTS.join(", ")} {player}.`,
    { faults: [{ field: "action", message: "is none of these, or something that it needs is missing or too large" }] },
  );
};
