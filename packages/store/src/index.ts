export type { Claim } from "./claims/claim.ts";
export type { Claims } from "./claims/open-claims.ts";
export type { Retention } from "./context.ts";
export type { Check } from "./doctor/check.ts";
export { addFault, type Diagnosis, type FaultsLeft } from "./doctor/diagnosis.ts";
export { FAULT_KINDS, type Fault, type FaultKind } from "./doctor/fault.ts";
export { HOW_TO_MEND } from "./doctor/how-to-mend.ts";
export type { MendOutcome } from "./doctor/mend.ts";
export { type Doctor, type DoctorOptions, openDoctor } from "./doctor/open-doctor.ts";
export {
  type Deliveries,
  type Delivery,
  type DeliveryStatus,
  type DeliveryStore,
  openDeliveries,
} from "./events/deliveries.ts";
export { type DeliveryWorker, openDeliveryWorker, type TryHistory, type TryOutcome } from "./events/delivery-worker.ts";
export { cursorAt, cursorBehind, type EventCursor, type EventPage, STREAM_START } from "./events/event-cursor.ts";
export { type EventGroup, openEventGroup, type TakenEvents } from "./events/event-group.ts";
export { type EventLog, type EventLogOptions, openEventLog } from "./events/event-log.ts";
export { followEvents } from "./events/follow-events.ts";
export { EVENTS_PER_ENTRY } from "./events/unpack-event.ts";
export type { Claimant, ClaimOutcome, NewSession } from "./instant/claim-pair.ts";
export type { EnteredTicket, EnterOutcome } from "./instant/enter-instant.ts";
export {
  type InstantFeed,
  type InstantFeedOptions,
  type InstantNews,
  openInstantFeed,
} from "./instant/instant-feed.ts";
export type { InstantStore } from "./instant/instant-store.ts";
export { toWaitingUser } from "./instant/read-waiting.ts";
export type { WaitingUser } from "./instant/waiting-user.ts";
export { type CommitJob, type JobProducer, type JobWorker, openProducer, openWorker, type SearchJob } from "./jobs.ts";
export { claimKey, createKeys, type Keys } from "./keys.ts";
export type { DecideChange, RatedChange, RatingChange } from "./matches/change-match.ts";
export { type CommitOutcome, commitMatches, FencedError } from "./matches/commit-matches.ts";
export { formatMade, toMatch } from "./matches/match-record.ts";
export { packOpenMatch, unpackOpenMatch } from "./matches/pack-open-match.ts";
export { proposalsOf, toCommitJob } from "./matches/pack-proposal.ts";
export { openPartitions, type Partitions, type PartitionsOptions } from "./partitions/open-partitions.ts";
export { openStores, type Stores } from "./partitions/open-stores.ts";
export { openRoutedFeed, type RoutedFeed } from "./partitions/routed-feed.ts";
export { type PresenceStore, routePresence } from "./partitions/routed-presence.ts";
export type { PlayersStore } from "./partitions/routed-store.ts";
export { type FeedOptions, type FeedStats, openPlayerFeed, type PlayerFeed } from "./players/player-feed.ts";
export { formatPlayerState, parsePlayerState } from "./players/player-state-text.ts";
export type { PlayerView } from "./players/read-player.ts";
export { connectionToken, type Hold, PRESENT_FOR_MS } from "./presence/hold-players.ts";
export type { QueueOf } from "./presence/mark-away.ts";
export { REFRESH_EVERY_MS } from "./presence/refresh-presence.ts";
export { openRateLimits, type RateLimits } from "./rate-limits.ts";
export { parseRating, ratingText } from "./ratings/rating-text.ts";
export { type KeptRating, readRatings } from "./ratings/read-ratings.ts";
export { connect, connectForCommits, disconnect } from "./redis/connect.ts";
export { ensureNotifications, type Notifications } from "./redis/ensure-notifications.ts";
export type { Durability } from "./redis/replication.ts";
export { isStoreUnavailable } from "./redis/store-errors.ts";
export { type Beats, startBeats } from "./services/start-beats.ts";
export { openStore, type Store, type StoreOptions } from "./store.ts";
export type { ChangeOutcome } from "./tickets/change-ticket.ts";
export type { EndOutcome } from "./tickets/end-ticket.ts";
export type { EnqueueOutcome, NewTicket } from "./tickets/enqueue-tickets.ts";
export { packIndexed, packTicket, seenIn, unpackTicket } from "./tickets/pack-ticket.ts";
export type { Accepted } from "./tickets/read-accepted.ts";
export { SEARCH_LOST_AFTER_MS } from "./tickets/schedule.ts";
export { packRequest } from "./tickets/ticket-record.ts";
