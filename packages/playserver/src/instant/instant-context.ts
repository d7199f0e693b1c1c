import type { Clock, Ids, InstantQueue, PlayerState, UserProfile } from "@muster/core";
import type { Logger } from "@muster/core/service";
import type { InstantFeed, Store } from "@muster/store";
import type { Presence } from "../presence.ts";
import type { WatchRegistry } from "../watch-registry.ts";
import type { InstantHub } from "./instant-hub.ts";
import type { CountRequest } from "./request-limits.ts";

/** What instant matching works with. */
export interface InstantContext {
  queue: InstantQueue;
  store: Pick<Store, "instant" | "readPlayer" | "readTicket" | "readMatch" | "endTicket" | "changeMatch"> & {
    clock: Clock;
  };
  hub: InstantHub;
  feed: Pick<InstantFeed, "announce" | "ready">;
  watches: WatchRegistry;
  presence: Pick<Presence, "open">;
  /** What was last heard of a user; undefined before the first word. */
  current: (user: string) => PlayerState | undefined;
  /** @throws MusterError INVALID for what the deployment's fields don't allow */
  checkProfile: (input: unknown) => UserProfile;
  countRequest: CountRequest;
  ids: Ids;
  log: Logger;
}
