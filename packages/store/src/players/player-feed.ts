import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError, type PlayerState } from "@muster/core";
import { parseRedisUrl } from "@muster/core/service";
import type { Redis } from "ioredis";
import { type Keys, PROBE_PLAYER } from "../keys.ts";
import { connect, disconnect } from "../redis/connect.ts";
import { ensureNotifications, keyspaceChannel, type Notifications } from "../redis/ensure-notifications.ts";
import { openChannels } from "./player-feed-channels.ts";
import { startReads } from "./player-feed-reads.ts";
import { parsePlayerState } from "./player-state-text.ts";

/** With an answer due within three seconds (see connect), a dead connection is noticed after 8 s at the latest. */
export const CHECK_EVERY_MS = 5_000;
/** Where the keys may come to another server, which the one that had them says only to who asks for a key. */
export const CHECK_MOVED_EVERY_MS = 1_000;
const RETRY_MS = 500;

/** What is told of held players as it changes, newest last, nothing missed for good. */
export interface PlayerFeed<State = PlayerState> {
  /** Follows these players. One that is already held stays as it is: there is no count of holds. */
  hold(players: Iterable<string>): void;
  /** Nothing of these players is delivered any more, until they are held again. */
  release(players: Iterable<string>): void;
  /** What was delivered last of a held player; undefined before the first delivery and for a player not held. */
  current(player: string): State | undefined;
  /** Whether Redis answers and changes are being listened to. */
  ready(): Promise<boolean>;
  stats(): FeedStats;
  close(): Promise<void>;
}

export interface FeedStats {
  held: number;
  /** Held players who are not listened to yet. */
  unheard: number;
  /** Players whose state is to be read again. */
  unread: number;
  /** How often all held players were subscribed to and read anew. */
  resyncs: number;
}

export interface FeedOptions<State = PlayerState> {
  url: string;
  /** Of the connections, as Redis' CLIENT LIST shows them. */
  name: string;
  /** What is news after all delivered of this player since it was held. The first is delivered whatever it is. */
  onState: (player: string, state: State) => void;
  /** What Redis says of this player is older than the last that was delivered: that was lost, as in a fail-over. */
  onBehind?: (player: string, last: State) => void;
  /** Announcements may have been lost (connection lost, notifications had been off): all held players are read again. */
  onResync?: (held: number) => void;
  /** Something began to fail. It is being retried, and is told again only after it worked in between. */
  onTrouble?: (error: unknown) => void;
}

/** Which keys a feed follows: one for each player, all on one server. */
export interface FeedSubject<State> {
  /** Of the keys; any of them, where they have several that are on one server. */
  hashTag: string;
  keyOf(player: string): string;
  /** One of nobody, on that server too. */
  probeKey: string;
  /** The player of such a key; undefined for any other key. */
  playerOf(key: string): string | undefined;
  /** @param text the key's value, null where there is no key */
  parse(text: string | null): State;
  /** Whether it is to be told to who knows the last one. */
  isNews(state: State, last: State): boolean;
  /** Whether it shows that the last one was lost. */
  isBehind(state: State, last: State): boolean;
}

/** Whether this state shows that the last one was lost. One who is idle is forgotten in time, which is no loss. */
export const isBehind = (state: PlayerState, last: PlayerState): boolean =>
  state.version < last.version && !(state.version === 0 && last.state === "idle");

const statesOf = (keys: Keys): FeedSubject<PlayerState> => ({
  probeKey: keys.playerState(PROBE_PLAYER),
  ...{ hashTag: keys.partition, keyOf: keys.playerState, playerOf: keys.playerOfStateKey, parse: parsePlayerState },
  isNews: (state, last) => state.version > last.version,
  isBehind,
});

/** Opens a feed of the players' states in a partition. See openFeed. */
export const openPlayerFeed = ({ keys, ...options }: FeedOptions & { keys: Keys }): Promise<PlayerFeed> =>
  openFeed(statesOf(keys), options);

type Part = "listening" | "subscribing" | "reading";

/**
 * Opens a feed on two connections: one listens to the players' keys, the other reads them.
 *
 * An announcement carries no state, can be lost and can be late, so it only marks its player; the marked are read, and
 * what is newer is delivered. A player is first listened to and then read, so no change falls between. The listening
 * connection is `down`, then `up`; on each way up, notifications are ensured first (a restarted Redis forgot them),
 * then all held players are subscribed to and read. It goes down when it is closed from either side (also by Redis at
 * the output buffer limit), and when Redis leaves a check unanswered for too long (a dead peer closes nothing).
 *
 * Resolves after the first attempt to reach Redis. If that failed, it goes on trying.
 *
 * @throws ConfigError when Redis is reached, but will not announce changes
 */
export const openFeed = async <State>(
  subject: FeedSubject<State>,
  options: FeedOptions<State>,
): Promise<PlayerFeed<State>> => {
  const { url, name, onState } = options;
  const listener = connectForFeed(url, `${name}:listen`, subject.hashTag);
  const reader = connectForFeed(url, `${name}:read`, subject.hashTag);

  /** Each held player's last delivered state. */
  const held = new Map<string, State | undefined>();
  const failing = new Set<Part>();
  let connection = 0;
  let up = false;
  let notifications: Notifications = "found";
  let everUp = false;
  let resyncs = 0;
  let closed = false;
  let lastError: unknown = "it was closed";

  const failed = (part: Part, error: unknown) => {
    if (closed || failing.has(part)) return;
    failing.add(part);
    options.onTrouble?.(error);
  };

  const deliver = (player: string, text: string | null) => {
    if (!held.has(player)) return;
    let state: State;
    try {
      state = subject.parse(text);
    } catch (error) {
      // One value that can't be read must not hold up the other players.
      return options.onTrouble?.(error);
    }
    const last = held.get(player);
    if (last && subject.isBehind(state, last)) options.onBehind?.(player, last);
    if (last && !subject.isNews(state, last)) return;
    held.set(player, state);
    onState(player, state);
  };

  const reads = startReads({
    redis: reader,
    keyOf: subject.keyOf,
    take: deliver,
    failed: (error) => failed("reading", error),
    worked: () => failing.delete("reading"),
  });

  const channelStart = keyspaceChannel(listener.options.db ?? 0, "");
  const channels = openChannels({
    redis: listener,
    channelOf: (player) => channelStart + subject.keyOf(player),
    isHeld: (player) => held.has(player),
    joined: (players) => {
      for (const player of players) if (held.has(player)) reads.mark(player);
    },
    failed: (error) => failed("subscribing", error),
    worked: () => failing.delete("subscribing"),
  });
  // The channel's bytes, since ioredis makes text of them and of the message, of which only the key counts.
  listener.on("messageBuffer", (channel: Buffer) => {
    const player = subject.playerOf(channel.toString("latin1", channelStart.length));
    if (player !== undefined && held.has(player)) reads.mark(player);
  });

  const resync = () => {
    resyncs += 1;
    options.onResync?.(held.size);
  };

  const goUp = async () => {
    const mine = connection;
    notifications = await ensureNotifications(listener, { url, probeKey: subject.probeKey });
    if (mine !== connection || closed) return;
    // What failed on an earlier connection says nothing about this one.
    failing.delete("listening");
    failing.delete("subscribing");
    lastError = "it was closed";
    up = true;
    channels.connected(held.keys());
    if (everUp) resync();
    everUp = true;
  };

  const keepGoingUp = async () => {
    const mine = ++connection;
    while (mine === connection && !up && !closed) {
      try {
        await goUp();
      } catch (error) {
        failed("listening", error);
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  };

  const goDown = () => {
    connection += 1;
    up = false;
    channels.lost();
    failed("listening", new Error(`the connection to Redis was lost or can't be made: ${lastError}`));
  };

  const check = async () => {
    if (!up) return;
    const mine = connection;
    try {
      // Ends the connection when the keys are elsewhere: see connect.ts.
      await listener.exists(subject.probeKey);
      // Where the setting can't be read, that Redis answers must do.
      if (notifications === "heard") await listener.ping();
      else if (
        (await ensureNotifications(listener, { url, probeKey: subject.probeKey })) === "set" &&
        mine === connection
      ) {
        // Another user of this Redis had turned them off.
        resync();
        for (const player of held.keys()) reads.mark(player);
      }
      failing.delete("listening");
    } catch (error) {
      // A dead connection is closed by its socket's time limit, and that is when all begins anew.
      if (error instanceof ConfigError) failed("listening", error);
    }
  };

  const close = async () => {
    closed = true;
    clearInterval(checks);
    channels.lost();
    reads.stop();
    await Promise.all([disconnect(listener), disconnect(reader)]);
  };

  listener.on("error", (error) => {
    lastError = error;
  });
  listener.on("close", goDown);
  const isFixed = parseRedisUrl(url)?.kind === "single";
  const checks = setInterval(check, isFixed ? CHECK_EVERY_MS : CHECK_MOVED_EVERY_MS).unref();
  const [reached] = await Promise.allSettled([listener.connect(), reader.connect()]);
  try {
    if (reached.status === "fulfilled") await goUp();
  } catch (error) {
    if (error instanceof ConfigError) {
      await close();
      throw error;
    }
  }
  listener.on("ready", keepGoingUp);
  if (!up && listener.status === "ready") keepGoingUp();

  return {
    hold: (players) => {
      for (const player of players) {
        if (held.has(player)) continue;
        held.set(player, undefined);
        channels.join(player);
      }
    },
    release: (players) => {
      for (const player of players) {
        if (!held.delete(player)) continue;
        reads.unmark(player);
        channels.leave(player);
      }
    },
    current: (player) => held.get(player),
    ready: async () => {
      if (!up || failing.has("listening") || failing.has("subscribing")) return false;
      return reader.ping().then(
        () => true,
        () => false,
      );
    },
    stats: () => ({ held: held.size, unheard: channels.waiting, unread: reads.waiting, resyncs }),
    close,
  };
};

const connectForFeed = (url: string, name: string, partition: string): Redis => {
  const redis = connect(url, name, partition);
  // ioredis looks at it when it needs it, so it can be set before the first connection is made.
  redis.options.autoResubscribe = false;
  return redis;
};
