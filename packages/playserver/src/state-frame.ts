import type { PlayerState } from "@muster/core";

/**
 * A player's state as realms and players are told it: a StateFrame as JSON. Written out, since JSON.stringify takes five
 * times as long, and ids have no letter that JSON would write differently (see ID_PATTERN).
 */
export const toStateFrame = (player: string, { state, version, ticket, match, at }: PlayerState): string => {
  const ofTicket = ticket ? `,"ticket":"${ticket}"` : "";
  const ofMatch = match ? `,"match":"${match}"` : "";
  return `{"op":"state","player":"${player}","state":"${state}","version":${version}${ofTicket}${ofMatch},"at":${at}}`;
};
