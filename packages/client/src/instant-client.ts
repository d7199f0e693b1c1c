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
import { type InstantAsked, InstantRepeat } from "./instant-repeat.ts";
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
  /** Each once, however often the connection was repaired meanwhile. */
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

interface Asked extends InstantAsked {
  readonly resolve: (waiting: StatusOf<"WAITING">) => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULT_LOOK_MS = 20;
const CLOSE_REPLACED = 4001;

/**
 * A user of instant matching, in a browser or in Node: asks for a match, compares with whoever waits, claims who fits, and
 * tells of the session. A lost connection is repaired by itself: who waited then waits again as before, and who was in a
 * session learns whether it is over.
 *
 * Requests throw MusterFrameError (Muster said no) or MusterConnectionError (no answer).
 */
export class InstantClient {
  readonly #socket: RepairingSocket;
  readonly #options: InstantClientOptions;
  readonly #events = new Emitter<InstantEvents>();
  readonly #channel: string;
  readonly #repeat: InstantRepeat;
  /** The one that it is in, and the last one that it knows of. */
  #session: string | undefined;
  #lastSession: string | undefined;
  #asked: Asked | undefined;
  #claims: InstantClaims | undefined;

  /** @throws TypeError when the URL is none */
  constructor(options: InstantClientOptions) {
    this.#options = options;
    this.#channel = `INSTANT_MATCH_${options.user}`;
    const { random = { next: () => Math.random() } } = options;
    this.#repeat = new InstantRepeat({ random, send: (request) => this.#askAgain(request) });
    const url = new URL(options.url).href.replace(/\/+$/, "").replace(/^http/, "ws");
    this.#socket = new RepairingSocket({
      url: () => `${url}/v1/instant`,
      WebSocket: options.WebSocket ?? globalThis.WebSocket,
      credential: options.token,
      random,
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
    this.#stop();
    this.#session = undefined;
    return this.#socket.close();
  }

  /** @returns what removes the listener again */
  on<Name extends keyof InstantEvents>(name: Name, listener: Listener<InstantEvents[Name]>): () => void {
    return this.#events.on(name, listener);
  }

  /** Waits for a match; when waiting already, with another profile. Resolves when the user is on the wait list. */
  request(profile: UserProfile): Promise<StatusOf<"WAITING">> {
    const { user_data, user_preferences } = profile;
    return this.#ask("REQUEST_INSTANT_MATCH", { user_id: this.#options.user, user_data, user_preferences });
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
    this.#send("CANCEL_INSTANT_MATCH", { user_id: this.#options.user });
  }

  /** Leaves the session, which ends it. */
  leave(): void {
    this.#send("LEAVE_INSTANT_MATCH", { user_id: this.#options.user });
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
      data,
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
    if (!reconnected) return;
    // The server forgot the request with the connection, and whose connection it was.
    if (this.#repeat.begin()) return;
    const session = this.#session !== undefined && { session: this.#session };
    this.#socket.send({ event: "HELLO_INSTANT_MATCH", data: { user_id: this.#options.user, ...session } });
  }

  #askAgain({ event, data }: InstantAsked): void {
    // One that began meanwhile is not to be left, unseen.
    const only = event === "REQUEST_REMATCH" && this.#lastSession !== undefined && { session: this.#lastSession };
    this.#socket.send({ event, data: { ...data, ...only } });
  }

  #closed(closed: Closed): void {
    this.#claims?.end();
    this.#repeat.lost();
    if (!closed.willReconnect) {
      this.#stop();
      this.#session = undefined;
    }
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
        if (this.#session === status.session) return;
        this.#session = status.session;
        this.#lastSession = status.session;
        this.#events.emit("session", status);
        return;
      case "TAKEN":
        this.#claims?.refused(status.alias);
        this.#events.emit("taken", { alias: status.alias });
        return;
      case "ENDED":
        if (this.#session === status.session) this.#session = undefined;
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
    this.#session = undefined;
    this.#repeat.waits(this.#asked && { event: this.#asked.event, data: this.#asked.data });
    const { compare = fits, autoClaim = true, lookMs = DEFAULT_LOOK_MS } = this.#options;
    const { user_data, user_preferences } = status;
    const own = { user_data, user_preferences };
    if (status.again === undefined) {
      const claim = (alias: string) => void (this.#socket.isOpen && this.claim(alias));
      this.#claims = new InstantClaims({ own, compare, lookMs, ...(autoClaim && { claim }) });
    }
    this.#asked?.resolve(status);
    this.#asked = undefined;
    this.#events.emit("waiting", status);
  }

  #stop(): void {
    this.#repeat.end();
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
    } else if (!this.#repeat.refused(event, code)) {
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
