import type { Clock, Ids } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { connectionToken, PRESENT_FOR_MS, type QueueOf, REFRESH_EVERY_MS, type Store } from "@muster/store";

/** Holds refreshed with one call. */
const HOLDS_PER_CALL = 500;
/** After a call that failed; well under the grace that a queue gives who is away. */
const MAKE_UP_AFTER_MS = 500;

export interface PresenceDeps {
  store: Pick<Store, "connectPlayers" | "disconnectPlayers" | "refreshPresence" | "markAbsent">;
  queueOf: QueueOf;
  ids: Pick<Ids, "token">;
  clock: Clock;
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
  /** The player's claim is of another partition now: who holds it says so there, too, not only with the next refresh. */
  moved(player: string): void;
  /**
   * From now on nobody is away because a connection ends: this playserver stops, and its peers connect to another one.
   * Who doesn't is away when its presence runs out.
   */
  letRunOut(): void;
  /** Resolves when all that was released is in Redis. */
  close(): Promise<void>;
}

/**
 * What Redis knows of a player who is held: nothing yet, all, or perhaps that it is held but not that it is back, since a
 * call for it failed.
 */
type Known = "untold" | "told" | "unsure";

interface Connection {
  readonly token: string;
  readonly players: Map<string, Known>;
  /** Whom it stands for no more, until Redis knows or will have found out by itself. */
  readonly released: Map<string, { readonly until: number }>;
  readonly onTaken: (players: readonly string[]) => void;
  /** One call after the other: a release must never overtake the hold before it. */
  last: Promise<void>;
  /** So many have not ended. */
  calls: number;
}

/**
 * Calls that fail are made again half a second later, until they succeed: a player whose connection is open must not be
 * away for what an older one told late. Releases are given up when the sweeper, for whom a player without refreshes is
 * away, has found out by itself.
 */
export const createPresence = ({ store, queueOf, ids, clock, log }: PresenceDeps): Presence => {
  const connections = new Set<Connection>();
  /** Those with players in `released`; they may have ended. */
  const releasing = new Set<Connection>();
  /** So that a newer connection to this very playserver replaces the older one at once. */
  const holders = new Map<string, Connection>();
  const underWay = new Set<Promise<void>>();
  /** Players of connections that ended too early, until Redis knows. */
  const absent = new Set<string>();
  let runsOut = false;
  let isClosed = false;

  const run = (connection: Connection, call: () => Promise<void>) => {
    const done = connection.last.then(call).catch((error) => {
      log.warn({ err: error }, "presence can't be told to Redis right now; trying again");
      makeUpSoon();
    });
    connection.last = done;
    connection.calls += 1;
    underWay.add(done);
    done.then(() => {
      connection.calls -= 1;
      underWay.delete(done);
    });
  };

  const tell = (connection: Connection, players: readonly string[]) =>
    run(connection, async () => {
      const wanted = players.filter((player) => connection.players.get(player) === "untold");
      if (wanted.length === 0) return;
      await store.connectPlayers(queueOf, connection.token, wanted);
      for (const player of wanted) if (connection.players.has(player)) connection.players.set(player, "told");
    });

  const tellReleased = async (connection: Connection) => {
    const now = performance.now();
    const sent = [...connection.released].filter(
      ([player, { until }]) => until > now || !connection.released.delete(player),
    );
    if (sent.length > 0) {
      const players = sent.map(([player]) => player);
      await store.disconnectPlayers(queueOf, connection.token, players);
    }
    // One that was held and released again meanwhile is another release.
    for (const [player, release] of sent)
      if (connection.released.get(player) === release) connection.released.delete(player);
    if (connection.released.size === 0) releasing.delete(connection);
  };

  const forget = (connection: Connection, players: readonly string[]) => {
    const own = players.filter((player) => connection.players.delete(player));
    for (const player of own) if (holders.get(player) === connection) holders.delete(player);
    return own;
  };

  const noteReleased = (connection: Connection, players: readonly string[]) => {
    const until = performance.now() + PRESENT_FOR_MS;
    for (const player of players) connection.released.set(player, { until });
    if (players.length > 0) releasing.add(connection);
  };

  const hold = (connection: Connection, players: readonly string[]) => {
    const fresh = [...new Set(players)].filter((player) => !connection.players.has(player));
    const replaced = new Set<Connection>();
    for (const player of fresh) {
      const older = holders.get(player);
      if (older) {
        older.onTaken(forget(older, [player]));
        noteReleased(older, [player]);
        replaced.add(older);
      }
      holders.set(player, connection);
      connection.players.set(player, "untold");
      connection.released.delete(player);
    }
    if (fresh.length > 0) tell(connection, fresh);
    // Only now, so that nobody is away in between: they may be held in other partitions still.
    for (const older of replaced) run(connection, () => tellReleased(older));
  };

  const release = (connection: Connection, players: readonly string[]) => {
    const own = forget(connection, players);
    noteReleased(connection, own);
    if (own.length > 0) run(connection, () => tellReleased(connection));
  };

  const tellAbsent = async () => {
    const players = [...absent];
    if (players.length === 0) return;
    await store.markAbsent(queueOf, players);
    for (const player of players) absent.delete(player);
  };

  const refresh = async (known: readonly { connection: Connection; player: string }[], was: Known) => {
    for (let start = 0; start < known.length; start += HOLDS_PER_CALL) {
      // Looked at just before the call: a player that was released meanwhile must not be held again.
      const now = known
        .slice(start, start + HOLDS_PER_CALL)
        .filter(({ connection, player }) => connection.players.get(player) === was);
      const note = (word: Known) => {
        for (const { connection, player } of now)
          if (connection.players.has(player)) connection.players.set(player, word);
      };
      const byToken = new Map(now.map(({ connection }) => [connection.token, connection]));
      const holds = now.map(({ connection: { token }, player }) => ({ token, player }));
      const taken = await store.refreshPresence(queueOf, holds, was === "unsure").catch((error) => {
        note("unsure");
        throw error;
      });
      note("told");
      for (const { token, player } of taken) {
        const connection = byToken.get(token);
        if (connection) connection.onTaken(forget(connection, [player]));
      }
    }
  };

  /** Makes up for what failed; what is still under way is left to the next time. */
  const makeUp = async () => {
    for (const connection of connections) {
      if (connection.calls > 0) continue;
      const untold = held("untold", [connection]).map(({ player }) => player);
      if (untold.length > 0) tell(connection, untold);
    }
    for (const connection of releasing) if (connection.calls === 0) run(connection, () => tellReleased(connection));
    await tellAbsent();
    await refresh(held("unsure"), "unsure");
  };

  /** Who moved since the last round of it; what fails is made up for. */
  const moving = new Map<string, Connection>();
  const tellMoved = () => {
    const those = [...moving].map(([player, connection]) => ({ connection, player }));
    moving.clear();
    return refresh(those, "unsure");
  };

  const held = (what: Known, by: Iterable<Connection> = connections) =>
    [...by].flatMap((connection) =>
      [...connection.players].flatMap(([player, known]) => (known === what ? { connection, player } : [])),
    );

  let rounds: Promise<void> = Promise.resolve();
  const nextRound = (work: () => Promise<void>) => {
    rounds = rounds.then(work).catch((error) => {
      log.warn({ err: error }, "presence can't be refreshed right now; trying again");
      makeUpSoon();
    });
  };
  let soon: NodeJS.Timeout | undefined;
  const makeUpSoon = () => {
    if (isClosed) return;
    soon ??= setTimeout(() => {
      soon = undefined;
      nextRound(makeUp);
    }, MAKE_UP_AFTER_MS).unref();
  };
  const timer = setInterval(() => {
    nextRound(makeUp);
    nextRound(() => refresh(held("told"), "told"));
  }, REFRESH_EVERY_MS).unref();

  return {
    open: (onTaken) => {
      const connection: Connection = {
        ...{ token: connectionToken(clock, ids), players: new Map(), released: new Map() },
        ...{ onTaken, last: Promise.resolve(), calls: 0 },
      };
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
    moved: (player) => {
      const connection = holders.get(player);
      if (connection?.players.get(player) !== "told") return;
      connection.players.set(player, "unsure");
      moving.set(player, connection);
      if (moving.size === 1) nextRound(tellMoved);
    },
    letRunOut: () => {
      runsOut = true;
    },
    close: async () => {
      isClosed = true;
      clearInterval(timer);
      clearTimeout(soon);
      await rounds;
      await Promise.all(underWay);
    },
  };
};
