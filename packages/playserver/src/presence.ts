import type { Ids } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { type QueueOf, REFRESH_EVERY_MS, type Store } from "@muster/store";

/** Holds refreshed with one call. */
const HOLDS_PER_CALL = 500;

export interface PresenceDeps {
  store: Pick<Store, "connectPlayers" | "disconnectPlayers" | "refreshPresence" | "markAbsent">;
  queueOf: QueueOf;
  ids: Pick<Ids, "token">;
  log: Logger;
}

/** What one connection stands for. */
export interface PresenceConnection {
  /** These players are there as long as this connection is; a newer one takes over. */
  hold(players: readonly string[]): void;
  /** They are away now, as far as this connection still stands for them. */
  release(players: readonly string[]): void;
  /** Releases all, or lets them run out: see Presence.letRunOut. */
  end(): void;
  /** They began to wait when this connection had ended already: they are away, unless another stands for them. */
  endedBefore(players: readonly string[]): void;
}

/** The players that are there because of connections to this playserver. */
export interface Presence {
  /** @param onTaken is told of players whom a newer connection, here or elsewhere, has taken over */
  open(onTaken: (players: readonly string[]) => void): PresenceConnection;
  /**
   * From now on nobody is away because a connection ends: this playserver stops, and its peers connect to another one.
   * Who doesn't is away when its presence runs out.
   */
  letRunOut(): void;
  /** Resolves when all that was released is in Redis. */
  close(): Promise<void>;
}

interface Connection {
  readonly token: string;
  /** Its players, and of each whether Redis knows. */
  readonly players: Map<string, boolean>;
  readonly onTaken: (players: readonly string[]) => void;
  /** One call after the other: a release must never overtake the hold before it. */
  last: Promise<void>;
}

/**
 * Calls that fail are made up for: a hold at the next refresh, and so whom a connection left waiting after its end; a
 * release by the sweeper, for whom a player without refreshes is away.
 */
export const createPresence = ({ store, queueOf, ids, log }: PresenceDeps): Presence => {
  const connections = new Set<Connection>();
  /** So that a newer connection to this very playserver replaces the older one at once. */
  const holders = new Map<string, Connection>();
  const underWay = new Set<Promise<void>>();
  /** Players of connections that ended too early, until Redis knows. */
  const absent = new Set<string>();
  let runsOut = false;

  const run = (connection: Connection, call: () => Promise<void>) => {
    const done = connection.last.then(call).catch((error) => {
      log.warn({ err: error }, "presence can't be told to Redis right now; it is made up for");
    });
    connection.last = done;
    underWay.add(done);
    done.then(() => underWay.delete(done));
  };

  const tell = (connection: Connection, players: readonly string[]) =>
    run(connection, async () => {
      const wanted = players.filter((player) => connection.players.has(player));
      await store.connectPlayers(queueOf, connection.token, wanted);
      for (const player of wanted) if (connection.players.has(player)) connection.players.set(player, true);
    });

  const forget = (connection: Connection, players: readonly string[]) => {
    const own = players.filter((player) => connection.players.delete(player));
    for (const player of own) if (holders.get(player) === connection) holders.delete(player);
    return own;
  };

  const hold = (connection: Connection, players: readonly string[]) => {
    const fresh = [...new Set(players)].filter((player) => !connection.players.has(player));
    const replaced: { player: string; token: string }[] = [];
    for (const player of fresh) {
      const older = holders.get(player);
      if (older) {
        older.onTaken(forget(older, [player]));
        replaced.push({ player, token: older.token });
      }
      holders.set(player, connection);
      connection.players.set(player, false);
    }
    if (fresh.length > 0) tell(connection, fresh);
    // Only now, so that nobody is away in between: they may be held in other partitions still.
    for (const { player, token } of replaced) {
      run(connection, () => store.disconnectPlayers(queueOf, token, [player]));
    }
  };

  const release = (connection: Connection, players: readonly string[]) => {
    const own = forget(connection, players);
    if (own.length > 0) run(connection, () => store.disconnectPlayers(queueOf, connection.token, own));
  };

  const tellAbsent = async () => {
    const players = [...absent];
    await store.markAbsent(queueOf, players);
    for (const player of players) absent.delete(player);
  };

  const refresh = async () => {
    if (absent.size > 0) await tellAbsent();
    const known: { connection: Connection; player: string }[] = [];
    for (const connection of connections) {
      const untold = [...connection.players].flatMap(([player, told]) => (told ? [] : [player]));
      if (untold.length > 0) tell(connection, untold);
      for (const [player, told] of connection.players) if (told) known.push({ connection, player });
    }
    for (let start = 0; start < known.length; start += HOLDS_PER_CALL) {
      // Looked at just before the call: a player that was released meanwhile must not be held again.
      const now = known.slice(start, start + HOLDS_PER_CALL).filter((each) => each.connection.players.get(each.player));
      const byToken = new Map(now.map(({ connection }) => [connection.token, connection]));
      const holds = now.map(({ connection: { token }, player }) => ({ token, player }));
      for (const { token, player } of await store.refreshPresence(queueOf, holds)) {
        const connection = byToken.get(token);
        if (connection) connection.onTaken(forget(connection, [player]));
      }
    }
  };

  let refreshing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    refreshing = refreshing.then(refresh).catch((error) => {
      log.warn({ err: error }, "presence can't be refreshed right now; trying again");
    });
  }, REFRESH_EVERY_MS).unref();

  return {
    open: (onTaken) => {
      const connection: Connection = { token: ids.token(), players: new Map(), onTaken, last: Promise.resolve() };
      connections.add(connection);
      return {
        hold: (players) => hold(connection, players),
        release: (players) => release(connection, players),
        end: () => {
          connections.delete(connection);
          if (!runsOut) release(connection, [...connection.players.keys()]);
        },
        endedBefore: (players) => {
          for (const player of players) absent.add(player);
          run(connection, tellAbsent);
        },
      };
    },
    letRunOut: () => {
      runsOut = true;
    },
    close: async () => {
      clearInterval(timer);
      await refreshing;
      await Promise.all(underWay);
    },
  };
};
