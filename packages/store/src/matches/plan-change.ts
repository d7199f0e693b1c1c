import {
  type CoolDown,
  DEFAULT_GRACE_MS,
  dueAt,
  effectiveTries,
  hasOpenPlaces,
  type Match,
  type MatchChange,
  type OpenMatch,
  playersOf,
  type Queue,
  type Ticket,
  ticketElo,
  toWaiting,
  type WaitingTicket,
} from "@muster/core";
import type { StoreContext } from "../context.ts";
import { eloBucket } from "../keys.ts";
import { packTicketTail } from "../tickets/pack-ticket.ts";
import { readTickets } from "../tickets/read-ticket.ts";
import type { RatedChange } from "./change-match.ts";
import { formatBody } from "./match-record.ts";
import { toOpenTeams } from "./open-teams.ts";
import { openMatchElo, packOpenMatch, unpackOpenMatch } from "./pack-open-match.ts";

/** The plan of change-match.lua, whose header says what is in it, and the keys that it names by their place. */
export interface ChangePlan {
  readonly plan: Readonly<Record<string, unknown>>;
  readonly scriptKeys: readonly string[];
  /** The match as it is then. */
  readonly after: Match;
}

/** What is to be written for a change that was decided from `before`. Reads the tickets that it needs, writes nothing. */
export const planChange = async (
  context: StoreContext,
  queue: Queue,
  before: Match,
  revision: string,
  change: RatedChange,
  now: number,
): Promise<ChangePlan> => {
  const { keys, retention } = context;
  const scriptKeys = [
    ...[keys.match(before.id), keys.matchDue, keys.openByElo(queue.name), keys.openMatches(queue.name)],
    ...[keys.events, keys.due(queue.name)],
  ];
  /** The place of a key, as Lua counts. */
  const place = (key: string): number => scriptKeys.push(key);

  const after = { ...change.match, version: before.version + (isSameTeams(before, change.match) ? 0 : 1) };
  const leaving = await readLeaving(context, change);
  const requeued = new Map((change.requeued ?? []).flatMap((id) => entryOf(id, leaving.get(id))));
  const open =
    hasOpenPlaces(after.teams) && after.state === "open" ? await asOpenMatch(context, queue, after, now) : "";
  const due = dueAt(after);
  const plan = {
    ...{ id: before.id, queue: queue.name, revision, now, state: after.state, version: after.version },
    ...{ endsAt: after.endsAt, body: formatBody(after), ...(due < Infinity && { dueAt: due }) },
    ...{ packed: open && packOpenMatch(open), elo: open && openMatchElo(open, meanElo(before)) },
    ...{ keepEnded: retention.endedMs, keepIdle: retention.idleMs, keepEvents: retention.events },
    players: playerMoves(before, after, change, requeued).map(({ id, ...move }) => ({
      key: place(keys.playerState(id)),
      ...move,
    })),
    tickets: ticketMoves(context, queue, before, after, change, requeued, now).map(({ id, elo, ...move }) => ({
      ...{ record: place(keys.ticket(id)), id, ...move },
      ...(elo !== undefined && { bucket: place(keys.eloBucket(queue.name, eloBucket(elo))) }),
    })),
    coolDowns: (change.coolDowns ?? []).flatMap((coolDown) => {
      const penalty = penaltyFor(queue, coolDown);
      return penalty ? [{ key: place(keys.coolDown(coolDown.player)), ...penalty }] : [];
    }),
    ratings: (change.ratings ?? []).map(({ player, was = "", text }) => ({
      ...{ key: place(keys.ratings(player)), queue: queue.name, was, text },
    })),
    ...(change.held && change.held.length > 0 && { holders: place(keys.presenceHolders) }),
    held: change.held ?? [],
    events: eventsOf(before, after, change, leaving).map((fields) => [
      ...Object.entries({ ...fields, queue: queue.name, at: now }).flatMap(([name, value]) => [name, String(value)]),
    ]),
  };
  return { plan, scriptKeys, after };
};

interface PlayerMove {
  readonly id: string;
  readonly to: "idle" | "inmatch" | "inqueue" | "inspector";
  readonly ticket?: string;
  readonly ticketVersion?: number;
  readonly tries?: number;
}

/** The players whose state changes: those who are in the match no more, and all of one that was forming. */
const playerMoves = (
  before: Match,
  after: Match,
  { spectator }: MatchChange,
  requeued: ReadonlyMap<string, Ticket>,
): PlayerMove[] => {
  // Its players have been free since it ended.
  if (before.state === "ended") return [];
  const stay = new Set(after.state === "ended" ? [] : [...playersOf(after).map(({ id }) => id), ...watchersOf(after)]);
  const moves = playersOf(before).flatMap(({ id, ticket }): PlayerMove[] => {
    const back = requeued.get(ticket);
    if (back) return [{ id, to: "inqueue", ticket, ticketVersion: back.version + 1, tries: back.tries }];
    if (!stay.has(id)) return [{ id, to: "idle" }];
    return before.state === "forming" && after.state !== "forming" ? [{ id, to: "inmatch" }] : [];
  });
  const gone = watchersOf(before).filter((id) => !stay.has(id));
  return [
    ...moves,
    ...gone.map((id): PlayerMove => ({ id, to: "idle" })),
    ...(spectator === undefined ? [] : [{ id: spectator, to: "inspector" } as const]),
  ];
};

const watchersOf = ({ spectators = [] }: Match): readonly string[] => spectators;

interface TicketMove {
  readonly id: string;
  readonly to: "matched" | "cancelled" | "queued";
  readonly reason?: string;
  /** How long its record is kept, ms. */
  readonly keep?: number;
  /** Of a ticket that waits again: where on the elo axis. */
  readonly elo?: number;
  readonly version?: number;
  readonly tries?: number;
  readonly tail?: string;
  readonly expiresAt?: number;
  /** Players of it who are away, with blanks between. */
  readonly away?: string;
  readonly awayUntil?: number;
}

const ticketMoves = (
  { retention }: StoreContext,
  queue: Queue,
  before: Match,
  after: Match,
  { dropped = [] }: MatchChange,
  requeued: ReadonlyMap<string, Ticket>,
  now: number,
): TicketMove[] => {
  const ended = dropped.map(
    ({ id, reason }): TicketMove => ({
      ...{ id, to: "cancelled", reason, keep: retention.endedMs },
    }),
  );
  const waiting = [...requeued.values()].map((ticket): TicketMove => {
    const version = ticket.version + 1;
    const { id, tries, createdAt } = ticket;
    const expiresAt = ticket.expiresAt + now - before.createdAt;
    const tail = packTicketTail({ version, createdAt, ...toWaiting(queue, ticket) });
    // What it spent in the match is not held against it.
    const away = playersOf(before).filter((player) => player.ticket === id && player.away);
    return {
      ...{ id, to: "queued", elo: ticketElo(ticket.players), version, tries, tail, expiresAt },
      ...(away.length > 0 && {
        away: away.map((player) => player.id).join(" "),
        awayUntil: now + (queue.graceMs ?? DEFAULT_GRACE_MS),
      }),
    };
  });
  const begins = before.startedAt === undefined && after.startedAt !== undefined;
  // As long as the match may lose a player: whoever takes the place is held against those who stay.
  const keep = Math.max(0, after.endsAt - now) + retention.endedMs;
  const matched = begins ? [...new Set(playersOf(after).map(({ ticket }) => ticket))] : [];
  return [...ended, ...waiting, ...matched.map((id): TicketMove => ({ id, to: "matched", keep }))];
};

/** Undefined where the queue has no cool-downs. */
const penaltyFor = ({ readyCheck, leaveCoolDownMs }: Queue, { cause }: CoolDown) => {
  if (cause === "left") return leaveCoolDownMs === undefined ? undefined : { ms: leaveCoolDownMs };
  if (!readyCheck?.coolDown) return undefined;
  const { firstMs, maxMs, forgetAfterMs } = readyCheck.coolDown;
  return { firstMs, maxMs, forgetMs: forgetAfterMs };
};

const eventsOf = (
  before: Match,
  after: Match,
  { events, requeued = [], dropped = [] }: MatchChange,
  leaving: ReadonlyMap<string, Ticket>,
): Record<string, string | number>[] => {
  const match = before.id;
  const [was, is] = [openPlacesOf(before), openPlacesOf(after)];
  return [
    ...events.map(({ type, player }) => ({ type, match, ...(player !== undefined && { player }) })),
    ...(is > was ? [{ type: "opened", match }] : []),
    ...(was > 0 && is === 0 && after.state !== "ended" ? [{ type: "closed", match }] : []),
    ...requeued.map((ticket) => {
      const { players = [] } = leaving.get(ticket) ?? {};
      return {
        type: "queued",
        ticket,
        ...(players.length > 0 && { elo: ticketElo(players), players: players.length }),
      };
    }),
    ...dropped.map(({ id: ticket, reason }) => {
      const { createdAt = before.createdAt, tries = 0 } = leaving.get(ticket) ?? {};
      return { type: "cancelled", ticket, createdAt, tries, reason };
    }),
  ];
};

const openPlacesOf = ({ teams, state }: Match): number =>
  state === "forming" || state === "ended" ? 0 : teams.reduce((sum, { open = 0 }) => sum + open, 0);

/** Joins name the version that they were made from: it rises with whatever they look at. */
const isSameTeams = (before: Match, after: Match): boolean =>
  (after.state === "ended") === (before.state === "ended") &&
  (after.state === "forming") === (before.state === "forming") &&
  JSON.stringify(shapeOf(before)) === JSON.stringify(shapeOf(after));

const shapeOf = ({ teams }: Match) => teams.map(({ open = 0, players }) => [open, players.map(({ id }) => id)]);

/** The tickets that leave the match, by id; without those whose record is gone. */
const readLeaving = async (
  context: StoreContext,
  { requeued = [], dropped = [] }: MatchChange,
): Promise<Map<string, Ticket>> => {
  const ids = [...requeued, ...dropped.map(({ id }) => id)];
  const tickets = await readTickets(context, ids);
  return new Map(ids.flatMap((id, index) => entryOf(id, tickets[index])));
};

const entryOf = (id: string, ticket: Ticket | null | undefined): [string, Ticket][] => (ticket ? [[id, ticket]] : []);

const meanElo = ({ teams, left = [] }: Match): number =>
  ticketElo([...teams.flatMap(({ players }) => players), ...left]);

/**
 * The match as it looks for players. What they accept never narrows while it does: it keeps the time since when it is open,
 * and its tickets their tries as of then. Of one that opens now, they are those with which the match was made.
 */
const asOpenMatch = async (context: StoreContext, queue: Queue, match: Match, now: number): Promise<OpenMatch> => {
  const { redis, keys } = context;
  const packed = await redis.hget(keys.openMatches(queue.name), match.id);
  const open = packed === null ? undefined : unpackOpenMatch(packed);
  const triesOf = new Map(open?.teams.flatMap(({ tickets }) => tickets.map(({ id, tries }) => [id, tries])));
  const ids = [...new Set(playersOf(match).map(({ ticket }) => ticket))];
  const tickets = (await readTickets(context, ids)).filter((ticket) => ticket !== null);
  const waiting = tickets.map((ticket): WaitingTicket => {
    const { id, version, createdAt, endedAt = match.createdAt } = ticket;
    const tries = triesOf.get(id) ?? effectiveTries(queue, ticket, endedAt);
    return { id, version, createdAt, tries, ...toWaiting(queue, ticket) };
  });
  return {
    id: match.id,
    version: match.version,
    openedAt: open?.openedAt ?? now,
    ...(match.region !== undefined && { region: match.region }),
    teams: toOpenTeams(match.teams, waiting),
  };
};
