import type {
  InstantReply,
  InstantRequestName,
  InstantSession,
  InstantStatus,
  Random,
  UserProfile,
  WaitlistEntry,
} from "@muster/core";
import { fits } from "@muster/core/compare";
import type { Credential } from "./credential.ts";
import { deferred } from "./deferred.ts";
import { MusterConnectionError, MusterFrameError } from "./errors.ts";
import { Emitter, type Listener } from "./events.ts";
import { type Compare, InstantClaims } from "./instant-claims.ts";
import { type Closed, RepairingSocket, type WebSocketClass } from "./repairing-socket.ts";

export interface InstantClientOptions {
  /** Where Muster is: `http://127.0.0.1:8080`. */
  url: string;
  /** Who this is. */
  user: string;
  /** Who fits; unless given, the comparison by declared preferences that the server uses. */
  compare?: Compare;
  /** False: the app claims whom it wants, by `claim`. Unless given, whoever fits is claimed. */
  autoClaim?: boolean;
  /** How long to look around before the first claim, ms. 20 unless given; more finds more pairs when many come at once. */
  lookMs?: number;
  /** The user's token, where Muster has keys; or what gives a fresh one, since tokens end soon. */
  token?: Credential | undefined;
  WebSocket?: WebSocketClass;
  /** Chance for the jitter of back-offs. */
  random?: Random;
  /** Time limit of opening a connection, and of a request. 10 s unless given. */
  timeoutMs?: number;
}

type StatusOf<Name extends InstantStatus["status"]> = Extract<InstantStatus, { status: Name }>;

export interface InstantEvents {
  /** The user is on the wait list. Again after a connection was repaired. */
  waiting: StatusOf<"WAITING">;
  /** Others who wait. Some may be gone, and some are told more than once. */
  waitlist: readonly WaitlistEntry[];
  /** Those of them who fit, each once. */
  fitting: readonly WaitlistEntry[];
  session: InstantSession;
  /** A claim came too late; the user waits on. */
  taken: { alias: string };
  ended: { session: string };
  /** The request is over without a session. */
  over: StatusOf<"CANCELLED" | "EXPIRED">;
  /** The other user of the session that ended would meet again: `again()` accepts. */
  againAsked: { session: string };
  /** Muster refused a frame that nobody waits for, or sent what can't be read. The connection goes on. */
  error: MusterFrameError;
  open: { reconnected: boolean };
  close: Closed;
}

interface Asked {
  readonly event: InstantRequestName;
  readonly resolve: (waiting: StatusOf<"WAITING">) => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULT_LOOK_MS = 20;
const CLOSE_REPLACED = 4001;

/**
 * A user of instant matching, in a browser or in Node: asks for a match, compares with whoever waits, claims who fits, and
 * tells of the session. A lost connection is repaired by itself, and who waited then waits again.
 *
 * Requests throw MusterFrameError (Muster said no) or MusterConnectionError (no answer).
 */
export class InstantClient {
  readonly #socket: RepairingSocket;
  readonly #options: InstantClientOptions;
  readonly #events = new Emitter<InstantEvents>();
  readonly #channel: string;
  #profile: UserProfile | undefined;
  /** Waits, or would if the connection were not being repaired. */
  #isWaiting = false;
  #asked: Asked | undefined;
  #claims: InstantClaims | undefined;

  /** @throws TypeError when the URL is none */
  constructor(options: InstantClientOptions) {
    this.#options = options;
    this.#channel = `INSTANT_MATCH_${options.user}`;
    const url = new URL(options.url).href.replace(/\/+$/, "").replace(/^http/, "ws");
    this.#socket = new RepairingSocket({
      url: `${url}/v1/instant`,
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      credential: options.token,
      random: options.random ?? { next: () => Math.random() },
      timeoutMs: options.timeoutMs ?? 10_000,
      onOpen: (reconnected) => this.#opened(reconnected),
      onMessage: (data) => this.#received(data),
      onClose: (closed) => this.#closed(closed),
      isFinal: (code) => code === CLOSE_REPLACED,
    });
  }

  /** Resolves when the connection is open. @throws MusterConnectionError when the first attempt fails */
  connect(): Promise<void> {
    return this.#socket.connect();
  }

  /** The user is off the list. */
  close(): Promise<void> {
    this.#isWaiting = false;
    this.#claims?.end();
    return this.#socket.close();
  }

  /** @returns what removes the listener again */
  on<Name extends keyof InstantEvents>(name: Name, listener: Listener<InstantEvents[Name]>): () => void {
    return this.#events.on(name, listener);
  }

  /** Waits for a match; when waiting already, with another profile. Resolves when the user is on the wait list. */
  request(profile: UserProfile): Promise<StatusOf<"WAITING">> {
    this.#profile = profile;
    return this.#ask("REQUEST_INSTANT_MATCH", this.#request(profile));
  }

  /** Leaves the session if there is one, and waits again with the same profile, not for the last partners. */
  rematch(): Promise<StatusOf<"WAITING">> {
    return this.#ask("REQUEST_REMATCH", { user_id: this.#options.user });
  }

  /** Waits for the other user of the session that ended, who must ask for it too. */
  again(): Promise<StatusOf<"WAITING">> {
    return this.#ask("REQUEST_AGAIN", { user_id: this.#options.user });
  }

  /** Claims somebody on the wait list: `session` or `taken` tells what came of it. */
  claim(alias: string): void {
    this.#send("INSTANT_MATCH", { alias });
  }

  /** Waits no more: `over` tells it, or `session` if that was faster. */
  cancel(): void {
    this.#send("CANCEL_INSTANT_MATCH", {});
  }

  /** Leaves the session, which ends it. */
  leave(): void {
    this.#send("LEAVE_INSTANT_MATCH", {});
  }

  #request({ user_data, user_preferences }: UserProfile): object {
    return { user_id: this.#options.user, user_data, user_preferences };
  }

  #send(event: InstantRequestName, data: object): void {
    if (!this.#socket.isOpen) throw notOpen();
    this.#socket.send({ event, data });
  }

  #ask(event: InstantRequestName, data: object): Promise<StatusOf<"WAITING">> {
    if (!this.#socket.isOpen) return Promise.reject(notOpen());
    this.#asked?.reject(new MusterFrameError("SUPERSEDED", "Another request followed before this one was answered"));
    const { promise, resolve, reject } = deferred<StatusOf<"WAITING">>();
    const limitMs = this.#options.timeoutMs ?? 10_000;
    const timer = setTimeout(() => {
      this.#asked = undefined;
      reject(new MusterConnectionError("timeout", `Muster gave no answer within ${limitMs} ms`));
    }, limitMs);
    this.#asked = {
      event,
      resolve: (waiting) => {
        clearTimeout(timer);
        resolve(waiting);
      },
      reject: (error) => {
        clearTimeout(timer);
        reject(error);
      },
    };
    this.#socket.send({ event, data });
    return promise;
  }

  #opened(reconnected: boolean): void {
    this.#events.emit("open", { reconnected });
    // The server forgot the request with the connection.
    if (reconnected && this.#isWaiting && this.#profile) {
      this.#socket.send({ event: "REQUEST_INSTANT_MATCH", data: this.#request(this.#profile) });
    }
  }

  #closed(closed: Closed): void {
    this.#claims?.end();
    if (!closed.willReconnect) this.#isWaiting = false;
    this.#asked?.reject(new MusterConnectionError("unreachable", "The connection was lost before the answer came"));
    this.#asked = undefined;
    this.#events.emit("close", closed);
  }

  #received(data: unknown): boolean {
    const frame = parseFrame(data);
    if (!frame) {
      this.#events.emit("error", new MusterFrameError("UNREADABLE", "Muster sent a frame that can't be read"));
      return false;
    }
    if (frame.event === "INSTANT_MATCH_WAITLIST") this.#listed(frame.data as readonly WaitlistEntry[]);
    else if (frame.event === this.#channel) this.#told(frame.data as InstantStatus);
    else if (frame.event === "ERROR") this.#refused(frame.data as { code: string; message: string });
    return true;
  }

  #listed(entries: readonly WaitlistEntry[]): void {
    this.#events.emit("waitlist", entries);
    const fitting = this.#claims?.add(entries) ?? [];
    if (fitting.length > 0) this.#events.emit("fitting", fitting);
  }

  #told(status: InstantStatus): void {
    switch (status.status) {
      case "WAITING":
        this.#waits(status);
        return;
      case "SESSION":
        this.#stop();
        this.#events.emit("session", status);
        return;
      case "TAKEN":
        this.#claims?.refused(status.alias);
        this.#events.emit("taken", { alias: status.alias });
        return;
      case "ENDED":
        this.#events.emit("ended", { session: status.session });
        return;
      case "AGAIN_ASKED":
        this.#events.emit("againAsked", { session: status.session });
        return;
      case "CANCELLED":
      case "EXPIRED":
        this.#stop();
        this.#events.emit("over", status);
    }
  }

  #waits(status: StatusOf<"WAITING">): void {
    this.#claims?.end();
    this.#claims = undefined;
    this.#isWaiting = status.again === undefined;
    const { compare = fits, autoClaim = true, lookMs = DEFAULT_LOOK_MS } = this.#options;
    const { user_data, user_preferences } = status;
    const own = { user_data, user_preferences };
    this.#profile = own;
    if (this.#isWaiting) {
      const claim = autoClaim ? (alias: string) => this.#socket.isOpen && this.claim(alias) : () => {};
      this.#claims = new InstantClaims({ own, compare, lookMs, claim });
    }
    this.#asked?.resolve(status);
    this.#asked = undefined;
    this.#events.emit("waiting", status);
  }

  #stop(): void {
    this.#isWaiting = false;
    this.#claims?.end();
    this.#claims = undefined;
  }

  #refused({ code, message, event, alias }: { code: string; message: string; event?: string; alias?: string }): void {
    const error = new MusterFrameError(code, message);
    if (alias !== undefined) {
      this.#claims?.refused(alias);
      // The claim crossed the end of the waiting, of which is told apart.
      if (code === "NOT_WAITING") return;
    }
    if (this.#asked && this.#asked.event === event) {
      this.#asked.reject(error);
      this.#asked = undefined;
    } else {
      this.#events.emit("error", error);
    }
  }
}

const notOpen = () => new MusterConnectionError("unreachable", "The connection to Muster is not open right now");

/** Undefined for what is no frame of this API. */
const parseFrame = (data: unknown): InstantReply | undefined => {
  if (typeof data !== "string") return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    const isFrame =
      typeof frame === "object" &&
      frame !== null &&
      "event" in frame &&
      typeof frame.event === "string" &&
      "data" in frame &&
      typeof frame.data === "object" &&
      frame.data !== null;
    // The event decides the rest of the frame's shape; a full check of every frame would cost more than it can find.
    return isFrame ? (frame as InstantReply) : undefined;
  } catch {
    return undefined;
  }
};
