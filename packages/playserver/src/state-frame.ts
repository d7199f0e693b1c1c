import type { PlayerState, StateFrame } from "@muster/core";

/** A player's state as realms and players are told it, as JSON. */
export const toStateFrame = (player: string, { state, version, ticket, match, at }: PlayerState): string => {
  const frame: StateFrame = {
    op: "state",
    player,
    state,
    version,
    ...(ticket && { ticket }),
    ...(match && { match }),
    at,
  };
  return JSON.stringify(frame);
};
