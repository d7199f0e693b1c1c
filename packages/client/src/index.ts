export type {
  Attributes,
  BackfillRequest,
  BatchResult,
  CancelAnswer,
  ErrorCode,
  ExplainAnswer,
  InstantSession,
  InstantStatus,
  Match,
  NewPlayer,
  NewTicketRequest,
  Player,
  PlayerAnswer,
  PlayerStateName,
  Problem,
  QueueAnswer,
  RatingsAnswer,
  StateFrame,
  Ticket,
  TicketChange,
  TicketRequest,
  UserData,
  UserPreferences,
  UserProfile,
  WaitlistEntry,
} from "@muster/core";
export type { Credential } from "./credential.ts";
export { MusterApiError, MusterConnectionError, MusterCredentialError, MusterFrameError } from "./errors.ts";
export type { CallOptions, Fetch } from "./http.ts";
export type { Compare } from "./instant-claims.ts";
export { InstantClient, type InstantClientOptions, type InstantEvents } from "./instant-client.ts";
export { PlayerClient, type PlayerClientOptions, type PlayerEvents } from "./player-client.ts";
export {
  BATCH_MAX,
  type EndOptions,
  type EnqueueOptions,
  RealmClient,
  type RealmClientOptions,
} from "./realm-client.ts";
export type { RealmEvents } from "./realm-socket.ts";
export type { Closed, Retry, WebSocketClass, WebSocketLike } from "./repairing-socket.ts";
