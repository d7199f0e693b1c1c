import { dueAt, hasOpenPlaces, type MatchState, type PlayerState, ticketElo } from "@muster/core";
import { LEAST_ENDED_MS } from "../context.ts";
import { eloBucket, type Keys } from "../keys.ts";
import type { MatchRecord } from "../matches/match-record.ts";
import { parsePlayerState } from "../players/player-state-text.ts";
import { claimDifference } from "./claim-difference.ts";
import type { Fault } from "./fault.ts";
import { openMatchDifference } from "./open-match-difference.ts";
import type { IndexEntry, Partition, TicketRecord } from "./partition.ts";

/** What a sweeper should have settled is overdue after this: it takes far less. */
const OVERDUE_AFTER_MS = 10_000;

/**
 * Everything that is wrong with what was read. Pure: `Fault` says what each kind means.
 *
 * @param now Redis' time when reading began, ms
 */
export const findFaults = (read: Partition, keys: Keys, now: number): Fault[] => {
  const facts: Facts = { ...read, keys, now, states: new Map(), entriesByName: new Map() };
  const found: Fault[] = read.unreadable.map(({ about, id }) => unreadable(about, id));
  for (const entry of read.entries) facts.entriesByName.set(`${entry.key} ${entry.member}`, entry);
  for (const [id, text] of read.players) {
    const state = stateOf(text);
    if (state) facts.states.set(id, state);
    else found.push(unreadable("player", id));
  }
  for (const entry of read.entries) found.push(...entryFaults(facts, entry));
  for (const [id, ticket] of read.tickets) found.push(...ticketFaults(facts, id, ticket));
  for (const [id, match] of read.matches) found.push(...matchFaults(facts, id, match));
  for (const [id, state] of facts.states) found.push(...playerFaults(facts, id, state));
  return found;
};

interface Facts extends Partition {
  keys: Keys;
  now: number;
  states: Map<string, PlayerState>;
  /** By `key member`. */
  entriesByName: Map<string, IndexEntry>;
}

const unreadable = (about: Fault["about"], id: string): Fault => {
  const text = `${about} ${id} can't be read: no Muster could have written it`;
  return { kind: "unreadable", about, id, text, queue: "", seen: "" };
};

const stateOf = (text: string): PlayerState | undefined => {
  try {
    return parsePlayerState(text);
  } catch {
    return undefined;
  }
};

const isUnreadable = (facts: Facts, about: "ticket" | "match", id: string): boolean =>
  facts.unreadable.some((other) => other.about === about && other.id === id);

const entryFaults = (facts: Facts, { key, index, member, value }: IndexEntry): Fault[] => {
  const what = index.name === "eloBucket" || index.name === "due" ? "ticket" : "match";
  if (isUnreadable(facts, what, member)) return [];
  const record = what === "ticket" ? facts.tickets.get(member) : facts.matches.get(member);
  const status = record && ("status" in record ? record.status : record.state);
  const stale = (why: string): Fault[] => [
    {
      ...{ kind: "stale-entry", about: "index", id: member, queue: index.queue, key },
      text: `${key} names ${what} ${member}, which ${why}`,
      seen: record ? `${status} ${record.version}` : "gone",
    },
  ];
  if (!record) return stale("is not there");
  if ("status" in record) {
    if (status !== "queued") return stale(`is ${status}`);
    const elsewhere = index.name === "eloBucket" && index.bucket !== bucketOf(record);
    if (index.name === "eloBucket" && record.away) return stale(`has ${record.away} away`);
    if (record.queue !== index.queue || elsewhere) return stale("has its place elsewhere");
    const kept = `${record.tries} ${record.version}`;
    if (value === undefined || value === kept) return [];
    return [
      {
        ...{ kind: "wrong-ticket", about: "index", id: member, queue: index.queue, key },
        text: `${key} has ticket ${member} with tries and version ${value || "that can't be read"}, not ${kept}`,
        seen: `${kept} ${value}`,
      },
    ];
  }
  if (index.name === "matchDue") return status === "ended" ? stale("has ended") : [];
  if (record.queue !== index.queue || !looksForPlayers(record)) return stale(`is ${status} and looks for nobody there`);
  return [];
};

/** Whether an index of open matches is its place. */
export const looksForPlayers = ({ state, body }: MatchRecord): boolean => state === "open" && hasOpenPlaces(body.teams);

const bucketOf = ({ request }: TicketRecord): number => eloBucket(ticketElo(request.players));

const ticketFaults = (facts: Facts, id: string, ticket: TicketRecord): Fault[] => {
  const { keys, now, states } = facts;
  const { queue, status, version, match, request } = ticket;
  const fault = (kind: Fault["kind"], text: string, seen = ""): Fault => ({
    ...{ kind, about: "ticket", id, text: `ticket ${id} ${text}`, queue },
    seen: `${status} ${version} ${seen}`,
  });
  if (status === "pending") {
    const there = facts.matches.get(match);
    if (isUnreadable(facts, "match", match)) return [];
    const unbegun = there && there.state !== "ended" && !there.body.startedAt;
    if (!unbegun) return [fault("ticket-without-match", `is pending, but match ${match} is not there or not waiting`)];
    const holds = there.body.teams.some((team) => team.players.some((player) => player.ticket === id));
    return holds ? [] : [fault("ticket-without-match", `is pending, but not in match ${match}`, `${there.version}`)];
  }
  if (status === "matched") {
    // A match that ended early is forgotten before its tickets are.
    const recent = ticket.endedAt + LEAST_ENDED_MS > now;
    const there = facts.matches.has(match) || facts.otherMatches.has(match) || isUnreadable(facts, "match", match);
    return recent && !there ? [fault("ticket-without-match", `was matched, but match ${match} is not there`)] : [];
  }
  if (status !== "queued") return [];
  const found: Fault[] = [];
  const places = ticket.away ? [keys.due(queue)] : [keys.due(queue), keys.eloBucket(queue, bucketOf(ticket))];
  const missing = places.filter((key) => !facts.entriesByName.has(`${key} ${id}`));
  if (missing.length > 0) found.push(fault("unlisted-ticket", `waits, but is not in ${missing.join(" nor in ")}`));
  const strays = request.players.filter((player) => {
    const state = states.get(player.id);
    return !(state?.state === "inqueue" && state.ticket === id);
  });
  if (strays.length > 0) {
    const names = strays.map((player) => player.id);
    const versions = names.map((name) => states.get(name)?.version ?? 0).join(" ");
    found.push(fault("ticket-without-player", `waits with ${names.join(", ")}, whose state doesn't name it`, versions));
  }
  if (ticket.expiresAt + OVERDUE_AFTER_MS < now) {
    found.push(fault("overdue-ticket", `should have expired ${secondsSince(ticket.expiresAt, now)} s ago`));
  }
  return found;
};

const matchFaults = (facts: Facts, id: string, match: MatchRecord): Fault[] => {
  const { queue, state, version, body } = match;
  if (state === "ended") return [];
  const { keys, now, states, entriesByName } = facts;
  const fault = (kind: Fault["kind"], text: string, seen = ""): Fault => ({
    ...{ kind, about: "match", id, text: `match ${id} ${text}`, queue },
    seen: `${state} ${version} ${seen}`,
  });
  const found: Fault[] = [];
  if (!entriesByName.has(`${keys.matchDue} ${id}`)) {
    found.push(fault("unlisted-match", "would never end by itself: it is not in the index of what is due"));
  }
  if (looksForPlayers(match)) {
    const packed = entriesByName.get(`${keys.openMatches(queue)} ${id}`);
    if (!packed || !entriesByName.has(`${keys.openByElo(queue)} ${id}`)) {
      found.push(fault("unlisted-open-match", "looks for players, but no search finds it"));
    }
    const difference = packed?.value !== undefined && openMatchDifference(version, body.teams, packed.value);
    if (difference) found.push(fault("wrong-open-match", difference));
  }
  const expected = state === "forming" ? "pending" : "inmatch";
  const strays = body.teams
    .flatMap((team) => team.players)
    .filter((player) => states.get(player.id)?.match !== id || states.get(player.id)?.state !== expected);
  if (strays.length > 0) {
    const names = strays.map((player) => player.id);
    const versions = names.map((name) => states.get(name)?.version ?? 0).join(" ");
    found.push(fault("match-without-player", `has ${names.join(", ")}, whose state doesn't name it`, versions));
  }
  const strangers = (body.spectators ?? []).filter((player) => {
    const watching = states.get(player);
    return !(watching?.state === "inspector" && watching.match === id);
  });
  if (strangers.length > 0) {
    const versions = strangers.map((player) => states.get(player)?.version ?? 0).join(" ");
    const text = `is watched by ${strangers.join(", ")}, whose state doesn't name it`;
    found.push(fault("match-without-spectator", text, versions));
  }
  const due = dueOf(match);
  if (due + OVERDUE_AFTER_MS < now) {
    found.push(fault("overdue-match", `should have been settled ${secondsSince(due, now)} s ago`));
  }
  return found;
};

/** When something about a match is to be settled; NaN for one whose record can't tell. */
export const dueOf = ({ state, endsAt, body }: MatchRecord): number =>
  // The commit and the scripts write no other state.
  dueAt({ ...body, endsAt, state: state as MatchState });

const secondsSince = (then: number, now: number): number => Math.round((now - then) / 1_000);

const playerFaults = (facts: Facts, id: string, player: PlayerState): Fault[] => {
  const fault = (kind: Fault["kind"], why: string, seen = ""): Fault[] => [
    {
      ...{ kind, about: "player", id, queue: player.queue ?? "" },
      text: `player ${id} is ${player.state}, but ${why}`,
      seen: `${player.version} ${seen}`,
    },
  ];
  const why = lostBecause(facts, id, player);
  if (why !== undefined) return fault("lost-player", why);
  const claimed = facts.claims.get(id);
  const place = { partition: facts.keys.partition, now: facts.now };
  const difference = claimed && claimDifference(claimed, player, place);
  if (difference) return fault(difference.kind, difference.why, difference.seen);
  const { state, ticket = "-", ticketVersion } = player;
  const version = state === "inqueue" ? facts.tickets.get(ticket)?.version : undefined;
  if (version === undefined || version === ticketVersion) return [];
  return fault("wrong-version", `by version ${ticketVersion} of ticket ${ticket}, which has ${version}`);
};

/** Why a player's state can't be true; undefined when it can. */
const lostBecause = (facts: Facts, id: string, { state, ticket = "-", match = "-" }: PlayerState) => {
  if (state === "idle") return undefined;
  if (state === "inqueue") {
    if (isUnreadable(facts, "ticket", ticket)) return undefined;
    const named = facts.tickets.get(ticket);
    if (!named) return `ticket ${ticket} is not there`;
    if (named.status !== "queued") return `ticket ${ticket} is ${named.status}`;
    return named.request.players.some((player) => player.id === id) ? undefined : `is not in ticket ${ticket}`;
  }
  if (isUnreadable(facts, "match", match)) return undefined;
  const named = facts.matches.get(match);
  if (!named) return `match ${match} is not there`;
  if (named.state === "ended") return `match ${match} has ended`;
  if (state === "inspector") {
    return named.body.spectators?.includes(id) ? undefined : `match ${match} doesn't know it as a spectator`;
  }
  const plays = named.body.teams.some((team) => team.players.some((player) => player.id === id));
  return plays ? undefined : `is not in match ${match}`;
};
