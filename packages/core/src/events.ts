import { type Static, type TObject, type TProperties, Type } from "typebox";
import { Value } from "typebox/value";
import { Id } from "./ids.ts";
import { TicketEndReason } from "./ticket.ts";

/**
 * What happened, as it stands in the event stream: one entry for each transition, flat and small. Who needs more reads
 * the ticket or the match, whose records are kept for an hour after their end. Entries come in the order in which they
 * took effect. ARCHITECTURE.md lists who writes which: when an event changes here, it changes there.
 */

const event = <Name extends string, Fields extends TProperties>(type: Name, description: string, fields: Fields) =>
  Type.Object({ type: Type.Literal(type), queue: Type.String(), at, ...fields }, { description });

const at = Type.Integer({ minimum: 0, description: "When it took effect, ms since the epoch." });
const ticket = Id("The ticket.");
const match = Id("The match.");
const player = Id("The player.");
const mover = Type.String({ description: "The mover that leads, by the beginning of its token." });
const matchmaker = Type.String({ description: "The matchmaker that found it, by its name." });
const eloGap = Type.Number({ description: "Largest difference between two teams' mean elo." });
const tickets = Type.String({ description: "The tickets that went in, by spaces." });
const createdAt = Type.Integer({ minimum: 0, description: "When the ticket began to wait, ms since the epoch." });
const tries = Type.Integer({ minimum: 0, description: "Searches without a match." });
const ofTicket = { ticket, player: Type.Optional(player) };
const ofMatch = { match, player: Type.Optional(player) };

export const MusterEvent = Type.Union([
  event("queued", "A ticket waits, for the first time or again after its match dissolved.", {
    ticket,
    elo: Type.Optional(Type.Number({ description: "Mean elo of its players." })),
    players: Type.Optional(Type.Integer({ minimum: 1, description: "How many they are." })),
  }),
  event("changed", "A waiting ticket has other parameters.", ofTicket),
  event("disconnected", "A player of a ticket or match is away.", {
    player: Type.Optional(player),
    ticket: Type.Optional(ticket),
    match: Type.Optional(match),
  }),
  event("reconnected", "It is back.", {
    player: Type.Optional(player),
    ticket: Type.Optional(ticket),
    match: Type.Optional(match),
  }),
  event(
    "cancelled",
    "A ticket was taken back, its player let down a match before it began, or it was half lost and mended.",
    {
      ...{ ticket, createdAt, tries },
      reason: Type.Optional(TicketEndReason),
    },
  ),
  event("expired", "A ticket waited as long as its queue allows, or for a player who was away.", {
    ...{ ticket, createdAt, tries },
    reason: Type.Optional(Type.Literal("disconnected")),
  }),
  event("matched", "Tickets went into a new match.", {
    ...{ match, eloGap: Type.Optional(eloGap), tickets: Type.Optional(tickets) },
    ...{ mover: Type.Optional(mover), matchmaker: Type.Optional(matchmaker) },
  }),
  event("joined", "Tickets went into a match that looked for players.", {
    ...{ match, eloGap: Type.Optional(eloGap), tickets: Type.Optional(tickets) },
    ...{ mover: Type.Optional(mover), matchmaker: Type.Optional(matchmaker) },
  }),
  event("led", "A mover took the lease: no other can commit from here on.", { mover }),
  event("accepted", "A player accepted a match in its ready check.", ofMatch),
  event("declined", "A player declined it.", ofMatch),
  event("formed", "All have accepted: it waits for its players to join.", ofMatch),
  event("dissolved", "A ready check failed, or too few joined: the match is over before it began.", ofMatch),
  event("started", "A match is played.", ofMatch),
  event("attended", "A player arrived at its match.", ofMatch),
  event("left", "A player left its match before the end.", ofMatch),
  event("spectated", "A player began to watch a match.", ofMatch),
  event("unspectated", "It stopped watching, before the match's end.", ofMatch),
  event("backfill", "A match asks for players.", ofMatch),
  event("opened", "A match looks for players.", ofMatch),
  event("closed", "A match looks for players no more.", ofMatch),
  event("ended", "A match is over.", ofMatch),
  event("reported", "How a match went was told later than its end.", ofMatch),
  event("mended", "A sweeper or `muster doctor` repaired what must not be.", {
    kind: Type.String({ description: "What was wrong, as lost-player." }),
    about: Type.String({ description: "player, ticket, match or index." }),
    id: Id("Of the player, ticket or match; of what the index named."),
  }),
]);
export type MusterEvent = Static<typeof MusterEvent>;
export type MusterEventType = MusterEvent["type"];

/** An entry of a type or form that this version doesn't know: a newer one wrote it. */
export interface OtherEvent {
  type: "other";
  /** What its writer calls it. */
  name: string;
  fields: Readonly<Record<string, string>>;
}

const SCHEMAS: ReadonlyMap<string, TObject> = new Map(
  MusterEvent.anyOf.map((schema) => [schema.properties.type.const, schema]),
);

export const EVENT_TYPES = MusterEvent.anyOf.map((schema) => schema.properties.type.const);

/**
 * An event out of an entry's fields, all of which are text. Never throws, so that readers survive newer writers: fields
 * that are not known stay as they are, and what can't be understood at all is `other`.
 */
export const parseEvent = (fields: Readonly<Record<string, string>>): MusterEvent | OtherEvent => {
  const schema = SCHEMAS.get(fields.type ?? "");
  const typed =
    schema && Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, read(schema, name, text)]));
  // Held against its own type alone, not against each one in turn: every ticket comes through here.
  if (schema && Value.Check(schema, typed)) return typed as MusterEvent;
  return { type: "other", name: fields.type ?? "", fields };
};

const read = ({ properties }: TObject, name: string, text: string): string | number => {
  const property = properties[name];
  return Type.IsInteger(property) || Type.IsNumber(property) ? Number(text) : text;
};

/** An event out of the stream. */
export interface StreamEvent {
  /**
   * Of its entry, by Redis' clock, which rises from entry to entry: `<ms>-<n>`; where a call told of several events, the
   * second one has `<ms>-<n>.1`, and so on.
   */
  id: string;
  event: MusterEvent | OtherEvent;
}
