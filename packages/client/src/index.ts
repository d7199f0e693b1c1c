export { MusterApiError, MusterConnectionError, MusterFrameError } from "./errors.ts";
export type { CallOptions, Fetch } from "./http.ts";
export { BATCH_MAX, type EnqueueOptions, RealmClient, type RealmClientOptions } from "./realm-client.ts";
export type { RealmEvents, WebSocketClass, WebSocketLike } from "./realm-socket.ts";
