export {
  BatchAnswer,
  BatchResult,
  CancelAnswer,
  ExplainAnswer,
  PlayerAnswer,
  QueueAnswer,
  QueuesAnswer,
} from "./answers.ts";
export { BackfillRequest } from "./backfill.ts";
export { codeUnitAt, fnv1a } from "./code-units.ts";
export { ConfigError, ConfigFault } from "./config-error.ts";
export { beginOf, currentStep, effectiveTries, endOf, stepFor, widensByTime } from "./effective-tries.ts";
export { ERRORS, type ErrorCode } from "./error-catalogue.ts";
export {
  BusyPlayer,
  type ErrorDetails,
  FieldFault,
  isRetryable,
  MusterError,
  Problem,
  toProblem,
} from "./errors.ts";
export { distanceKm, estimateLatencyMs } from "./estimate-latency.ts";
export {
  EVENT_TYPES,
  MusterEvent,
  type MusterEventType,
  type OtherEvent,
  parseEvent,
  type StreamEvent,
} from "./events.ts";
export {
  CriteriaNow,
  Explanation,
  NearestMiss,
  NextWidening,
  OpenMatchesNow,
  RefusalCount,
  TeamsNow,
} from "./explanation.ts";
export { fieldFaults, type SchemaFault } from "./field-faults.ts";
export {
  DEFAULT_PARTITION,
  ID_PATTERN,
  ID_RULE,
  Id,
  idIn,
  isId,
  PARTITION_PATTERN,
  partitionOfId,
  QUEUE_NAME_PATTERN,
} from "./ids.ts";
export {
  accepts,
  channelOf,
  createProfileCheck,
  ERROR_EVENT,
  entryOf,
  type FieldPreference,
  fits,
  INSTANT_DEFAULTS,
  INSTANT_ELO,
  INSTANT_QUEUE,
  INSTANT_REQUESTS,
  InstantDefinition,
  type InstantEntry,
  type InstantError,
  InstantField,
  type InstantQueue,
  type InstantReply,
  type InstantRequest,
  type InstantRequestName,
  type InstantSession,
  type InstantStatus,
  type InstantTicketRequest,
  isInstant,
  MAX_PROFILE_BYTES,
  toInstantQueue,
  toInstantRequest,
  type UserData,
  type UserPreferences,
  type UserProfile,
  WAITLIST_EVENT,
  type WaitlistEntry,
} from "./instant/index.ts";
export { latencyLevel } from "./latency-level.ts";
export { DissolveReason, LeaveReason, LeftPlayer, Match, MatchPlayer, MatchState, MatchTeam } from "./match.ts";
export {
  acceptMatch,
  type CoolDown,
  closePlaces,
  createMatch,
  type DroppedTicket,
  declineMatch,
  dueAt,
  endMatch,
  hasOpenPlaces,
  joinMatch,
  leaveMatch,
  MAX_SPECTATORS,
  type MatchChange,
  type MatchEvent,
  type MatchResult,
  type NewMatch,
  notePresence,
  openPlaces,
  playerOf,
  playersOf,
  settleMatch,
  spectateMatch,
  withState,
} from "./match-life/index.ts";
export { MatchEndRequest, MatchPlayerRequest } from "./match-requests.ts";
export { parseQueues } from "./parse-queues.ts";
export { idsIn, partitionsOf } from "./partitions.ts";
export {
  AnswerFrame,
  CLOSE_NOT_ALLOWED,
  CLOSE_REPLACED,
  HelloFrame,
  PlayErrorFrame,
  type PlayReply,
  PlayRequest,
} from "./play-frames.ts";
export { Attributes, ELO_MAX, ELO_MIN, NewPlayer, Player, Position } from "./player.ts";
export { NEVER_SEEN, nextVersion, PLAYER_TRANSITIONS, type PlayerState, PlayerStateName } from "./player-state.ts";
export type { Clock, Ids, Random } from "./ports.ts";
export { DUEL_TEAMS, type Proposal, type ProposedTeam, teamsOf, waitingOf } from "./proposal.ts";
export {
  CriteriaStep,
  DEFAULT_GRACE_MS,
  DEFAULT_K_FACTOR,
  INITIAL_RATING,
  isDuel,
  matchSize,
  PREMADE_LEVELS,
  type PremadeLevel,
  type Queue,
  QueueDefinition,
  type Queues,
  QueuesFile,
  RatingsDefinition,
  Regions,
  Roles,
  type TeamShape,
  Teams,
  toQueue,
  usesRegions,
  usesRoles,
} from "./queue-definition.ts";
export { initialElo, Rating, RatingsAnswer } from "./ratings.ts";
export { ErrorFrame, PongFrame, type RealmReply, RealmRequest, SeenVersion, StateFrame } from "./realm-frames.ts";
export { AvoidRule, DistanceRule, EqualRule, IntersectionRule, OneOfRule, Rule, TeamSumRule } from "./rules.ts";
export type { OpenMatch, OpenTeam, WaitingPlayer, WaitingTicket } from "./search.ts";
export { SERVICE_DEAD_AFTER_MS, ServiceBeat } from "./service-beat.ts";
export {
  NewTicketRequest,
  PARTY_MAX,
  TICKET_TRANSITIONS,
  Ticket,
  TicketChange,
  TicketEndReason,
  TicketRequest,
  TicketStatus,
  ticketElo,
} from "./ticket.ts";
export { toWaiting, toWaitingPlayers } from "./waiting-players.ts";
