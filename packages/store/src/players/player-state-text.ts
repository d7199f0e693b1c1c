import { NEVER_SEEN, type PlayerState, type PlayerStateName } from "@muster/core";

/**
 * A player's state as Redis holds it, eight words with a `-` where there is nothing:
 *
 *     state version at tries ticket ticketVersion match queue
 *
 * with a `=` for a time that is the version, as it is unless the player changed twice within a ms: a million states are kept.
 * The scripts read and write the same words: plain text, because Lua splits it in a microsecond and a
 * person can read it with GET.
 */
const STATES: Readonly<Record<string, PlayerStateName>> = {
  idle: "idle",
  // Sealed: it may be busy in another partition only (see open-claims.ts). What this one knows of it is over.
  elsewhere: "idle",
  inqueue: "inqueue",
  pending: "pending",
  inmatch: "inmatch",
  inspector: "inspector",
};

export const formatPlayerState = (player: PlayerState): string =>
  `${player.state} ${player.version} ${player.at === player.version ? "=" : player.at} ${player.tries} ${player.ticket ?? "-"} ` +
  `${player.ticketVersion ?? "-"} ${player.match ?? "-"} ${player.queue ?? "-"}`;

/** @param text the key's value; null (no such key) is a player that never queued or was forgotten */
export const parsePlayerState = (text: string | null): PlayerState => {
  if (text === null) return NEVER_SEEN;
  const [name, version, at, tries, ticket, ticketVersion, match, queue] = text.split(" ");
  const state = STATES[name ?? ""];
  if (!state || queue === undefined) throw new Error(`a player state that nobody could have written: "${text}"`);
  const player: PlayerState = {
    state,
    version: Number(version),
    at: Number(at === "=" ? version : at),
    tries: Number(tries),
  };
  // Assigned one by one, not spread: every commit and every notification comes through here.
  if (ticket && ticket !== "-") player.ticket = ticket;
  if (ticketVersion && ticketVersion !== "-") player.ticketVersion = Number(ticketVersion);
  if (match && match !== "-") player.match = match;
  if (queue !== "-") player.queue = queue;
  return player;
};
