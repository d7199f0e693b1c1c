export type { Credential } from "./credential.ts";
export { MusterApiError, MusterConnectionError, MusterFrameError } from "./errors.ts";
export type { CallOptions, Fetch } from "./http.ts";
export type { Compare } from "./instant-claims.ts";
export { InstantClient, type InstantClientOptions, type InstantEvents } from "./instant-client.ts";
export { PlayerClient, type PlayerClientOptions, type PlayerEvents } from "./player-client.ts";
export { BATCH_MAX, type EnqueueOptions, RealmClient, type RealmClientOptions } from "./realm-client.ts";
export type { RealmEvents } from "./realm-socket.ts";
export type { WebSocketClass, WebSocketLike } from "./repairing-socket.ts";
