import type { Clock, ErrorFrame, PongFrame, RealmRequest } from "@muster/core";
import { MusterError } from "@muster/core";
import { textOf } from "./frame-text.ts";
import { CLOSE_TRY_LATER, PeerSocket, type Socket } from "./peer-socket.ts";
import type { Presence, PresenceConnection } from "./presence.ts";
import { parseRealmRequest } from "./realm-request.ts";
import { seenVersions } from "./seen-version.ts";
import { MAX_BUFFERED_BYTES, type Watcher, type WatchRegistry } from "./watch-registry.ts";

/** The TCP connection below it: what is sent while it is corked leaves in one system call. */
export interface Wire {
  cork(): void;
  uncork(): void;
}

const PONG = JSON.stringify({ op: "pong" } satisfies PongFrame);
export const MAX_WATCHED = 100_000;
/** Players that were asked for and watched but not answered: more are watched when half of these are. */
const WINDOW = 2_000;

export interface RealmDeps {
  watches: WatchRegistry;
  presence: Pick<Presence, "open">;
  /**
   * Those of the players who are in queues that the realm's key is not for, for whom it may not stand. Undefined: its
   * key is for all queues.
   */
  outside(players: readonly string[]): Promise<readonly string[]> | undefined;
  clock: Clock;
  /** The realm was cut off for being too slow. */
  onSlow: (watched: number) => void;
}

/**
 * One realm's connection. It is open until either side closes it; then it watches nobody, and the players whom
 * it holds are away.
 *
 * What a realm asks for is answered at the rate at which it takes the answers: the first states of 100,000 players are
 * some 15 MB, and a realm on a slow link that just came back must not be cut off for the very answers that it needs.
 * So players wait until `WINDOW` has room for them. Changes, which nobody can hold back, are sent at once; a realm that
 * lets too many of them pile up is closed with 1013 and starts anew.
 */
export class RealmSocket extends PeerSocket implements Watcher {
  readonly #wire: Wire;
  readonly #watches: WatchRegistry;
  readonly #outside: RealmDeps["outside"];
  readonly #clock: Clock;
  readonly #onTooSlow: (watched: number) => void;
  readonly #presence: PresenceConnection;
  /** The players that it stands for. */
  readonly #held = new Set<string>();
  /** All players that this realm watches, those waiting included. */
  readonly #players = new Set<string>();
  /** To be watched, or told again, with the newest version that the realm was told before; 0: none. */
  readonly #waiting = new Map<string, number>();
  /** Watched, and no answer sent so far. */
  readonly #unanswered = new Set<string>();
  /** What was asked last for players it stands for, while something has to be read for that. */
  #standing: Promise<void> | undefined;
  #answersUnderWay = false;
  #corked = false;

  constructor(socket: Socket, wire: Wire, { watches, presence, outside, clock, onSlow }: RealmDeps) {
    super(socket, MAX_BUFFERED_BYTES);
    this.#wire = wire;
    this.#watches = watches;
    this.#outside = outside;
    this.#clock = clock;
    this.#onTooSlow = onSlow;
    this.#presence = presence.open((taken) => {
      for (const player of taken) this.#held.delete(player);
    });
  }

  /** A frame came; undefined for a binary one. A faulty frame is answered and has no effect. */
  receive(text: string | undefined): void {
    this.heard();
    if (this.ended) return;
    try {
      this.#obey(parseRealmRequest(textOf(text)));
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      this.refuse(error);
    }
  }

  refuse({ code, message }: MusterError): void {
    const frame: ErrorFrame = { op: "error", code, message };
    this.#send(JSON.stringify(frame));
  }

  deliver(player: string, _version: number, frame: string): void {
    const answered = this.#unanswered.delete(player);
    const left = this.#unanswered.size;
    // After this answer more players could be watched: once the network took it, and so all answers before it.
    if (answered && (left === 0 || left === WINDOW / 2)) {
      this.#answersUnderWay = true;
      this.#send(frame, () => {
        this.#answersUnderWay = false;
        this.#watchMore();
      });
    } else {
      this.#send(frame);
    }
  }

  /** Stops watching and holding. */
  protected override onEnd(): void {
    this.#presence.end();
    this.#held.clear();
    this.#watches.unwatch(this, this.#players);
    for (const players of [this.#players, this.#waiting, this.#unanswered]) players.clear();
  }

  #obey(request: RealmRequest): void {
    const { op } = request;
    if (op === "ping") this.#send(PONG);
    else if (op === "hold" || op === "release") this.#standIfAllowed(op, request.players);
    else if (op === "watch") this.#watch(request.players, seenVersions(request.players, request.versions, this.#clock));
    else this.#unwatch(request.players);
  }

  #standIfAllowed(op: "hold" | "release", players: readonly string[]): void {
    const outside = this.#outside(players);
    if (!outside && !this.#standing) {
      this.#stand(op, players);
      return;
    }
    // One after the other: a release must not overtake the hold before it.
    const standing = Promise.all([outside, this.#standing]).then(([others = []]) => {
      if (this.ended) return;
      if (others.length > 0) throw notYours(others);
      this.#stand(op, players);
    });
    this.#standing = standing
      .catch((error) => {
        if (error instanceof MusterError && error.code === "FORBIDDEN") return this.refuse(error);
        // It will ask anew for all its players when it is back.
        this.close(CLOSE_TRY_LATER, "players can't be read right now; connect again");
      })
      .finally(() => {
        if (this.#standing === last) this.#standing = undefined;
      });
    const last = this.#standing;
  }

  #stand(op: "hold" | "release", players: readonly string[]): void {
    if (op === "hold") {
      this.#refuseTooMany(players, this.#held, "release");
      for (const player of players) this.#held.add(player);
      this.#presence.hold(players);
    } else {
      for (const player of players) this.#held.delete(player);
      this.#presence.release(players);
    }
  }

  #watch(players: readonly string[], seen: ReadonlyMap<string, number>): void {
    this.#refuseTooMany(players, this.#players, "unwatch");
    for (const player of players) {
      this.#players.add(player);
      this.#waiting.set(player, seen.get(player) ?? 0);
    }
    this.#watchMore();
  }

  #unwatch(players: readonly string[]): void {
    this.#watches.unwatch(this, players);
    for (const player of players) {
      this.#players.delete(player);
      this.#waiting.delete(player);
      this.#unanswered.delete(player);
    }
    this.#watchMore();
  }

  #refuseTooMany(players: readonly string[], present: ReadonlySet<string>, undo: "unwatch" | "release"): void {
    const added = new Set(players.filter((player) => !present.has(player)));
    const all = present.size + added.size;
    if (all <= MAX_WATCHED) return;
    throw new MusterError(
      "INVALID",
      `players would be ${all} on this connection, and the most is ${MAX_WATCHED}; ${undo} some, or take another connection`,
    );
  }

  #watchMore(): void {
    if (this.#answersUnderWay || this.#unanswered.size > WINDOW / 2) return;
    const players: string[] = [];
    const seen = new Map<string, number>();
    for (const [player, version] of this.#waiting) {
      if (this.#unanswered.size === WINDOW) break;
      this.#waiting.delete(player);
      this.#unanswered.add(player);
      players.push(player);
      if (version > 0) seen.set(player, version);
    }
    if (players.length === 0) return;
    this.#watches.watch(this, players, seen);
    // It may have been closed as too slow by the first of them, when the others were not yet watched.
    if (this.ended) this.#watches.unwatch(this, players);
  }

  protected override onSlow(): string {
    this.#onTooSlow(this.#players.size);
    return "too slow: states piled up; connect and watch again";
  }

  #send(text: string, taken?: () => void): void {
    if (this.ended) return;
    this.#corkForThisTurn();
    this.sendText(text, taken);
  }

  /** States come by the hundreds from one read, and a system call for each would cost more than all the rest. */
  #corkForThisTurn(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#wire.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#wire.uncork();
    });
  }
}

const notYours = (players: readonly string[]) =>
  new MusterError(
    "FORBIDDEN",
    `This key is not for the queues that ${players.slice(0, 10).join(", ")} ${players.length > 10 ? "and others " : ""}are in. Nothing was done.`,
  );
