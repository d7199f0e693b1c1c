export { acceptMatch } from "./accept-match.ts";
export {
  type CoolDown,
  type DroppedTicket,
  dueAt,
  hasOpenPlaces,
  type MatchChange,
  type MatchEvent,
  playerOf,
  playersOf,
  withState,
} from "./change.ts";
export { createMatch, type NewMatch } from "./create-match.ts";
export { declineMatch } from "./decline-match.ts";
export { endMatch, type MatchResult } from "./end-match.ts";
export { joinMatch } from "./join-match.ts";
export { leaveMatch } from "./leave-match.ts";
export { notePresence } from "./note-presence.ts";
export { closePlaces, openPlaces } from "./open-places.ts";
export { settleMatch } from "./settle-match.ts";
export { MAX_SPECTATORS, spectateMatch } from "./spectate-match.ts";
