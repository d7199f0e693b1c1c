import { estimateLatencyMs } from "./estimate-latency.ts";
import type { Attributes, Player, Position } from "./player.ts";
import { type Queue, usesRegions, usesRoles } from "./queue-definition.ts";
import type { Rule } from "./rules.ts";
import type { WaitingPlayer, WaitingTicket } from "./search.ts";
import { type TicketRequest, ticketElo } from "./ticket.ts";

/** The part of a waiting ticket that its request decides. */
export const toWaiting = (queue: Queue, request: TicketRequest): Pick<WaitingTicket, "elo" | "players" | "teams"> => {
  const players = toWaitingPlayers(queue, request);
  return { elo: ticketElo(players), players, ...(request.teams && { teams: request.teams }) };
};

/** What matching is told of a ticket's players: no more than the queue's criteria look at, so that searches stay small. */
export const toWaitingPlayers = (queue: Queue, { players, attributes }: TicketRequest): WaitingPlayer[] => {
  const named = new Set(queue.rules?.flatMap(attributesOf));
  const withRegions = usesRegions(queue);
  const withRoles = usesRoles(queue);
  return players.map((player) => {
    // Assigned one by one, not spread: every ticket comes through here.
    const waiting: WaitingPlayer = { id: player.id, elo: player.elo };
    const latencyMs = withRegions ? latenciesOf(queue, player) : undefined;
    const looked = named.size > 0 ? pick({ ...attributes, ...player.attributes }, named) : undefined;
    if (player.avgPingMs !== undefined) waiting.avgPingMs = player.avgPingMs;
    if (latencyMs) waiting.latencyMs = latencyMs;
    if (withRoles && player.roles) waiting.roles = player.roles;
    if (looked) waiting.attributes = looked;
    return waiting;
  });
};

const attributesOf = (rule: Rule): string[] =>
  rule.kind === "oneOf" ? [rule.attribute, rule.accepted] : [rule.attribute];

const pick = (attributes: Attributes, names: ReadonlySet<string>): Attributes | undefined => {
  const entries = Object.entries(attributes).filter(([name]) => names.has(name));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
};

/** The pings that the player sent, and an estimate from its position for regions that it sent none for. */
const latenciesOf = ({ regions }: Queue, { latencyMs, position }: Player): Record<string, number> | undefined => {
  const estimated = position ? estimatesFrom(regions, position) : {};
  const all = { ...estimated, ...latencyMs };
  return Object.keys(all).length > 0 ? all : undefined;
};

const estimatesFrom = (regions: Queue["regions"], from: Position): Record<string, number> =>
  Object.fromEntries(Object.entries(regions).map(([name, at]) => [name, estimateLatencyMs(from, at)]));
