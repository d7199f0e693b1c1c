import { type Caller, requireSelf } from "@muster/access";
import {
  CLOSE_REPLACED,
  channelOf,
  ERROR_EVENT,
  INSTANT_QUEUE,
  type InstantError,
  type InstantReply,
  type InstantRequest,
  type InstantStatus,
  MusterError,
  type PlayerState,
} from "@muster/core";
import type { WaitingUser } from "@muster/store";
import { textOf } from "../frame-text.ts";
import { PeerSocket, type Socket } from "../peer-socket.ts";
import type { PresenceConnection } from "../presence.ts";
import type { Watcher } from "../watch-registry.ts";
import { claim, claimAgain } from "./claim.ts";
import type { InstantContext } from "./instant-context.ts";
import {
  MAX_FRAME_CHARS,
  MAX_WAITING_REQUESTS,
  notNamed,
  notWaiting,
  tooLong,
  tooManyWaiting,
} from "./instant-errors.ts";
import type { Member } from "./instant-hub.ts";
import { again, type Entered, enter, leave, rematch, toWaitingStatus } from "./instant-requests.ts";
import { parseInstantFrame } from "./parse-instant-frame.ts";
import { readSession } from "./read-session.ts";

const CLOSE_INTERNAL = 1011;
/** Of what was sent but not taken: whoever lets more pile up is off the list, and may connect again. */
export const MAX_BUFFERED_BYTES = 256 * 1024;

/**
 * One user's connection for instant matching. Until the first request names its user, it is nobody's. As long as it is
 * open the user is there; when it ends, the user is off the list at once. Requests are carried out one after the other.
 *
 * What the user is told of its request follows from the user's state in Redis, whoever changed it: `waiting` is set when
 * the request is in Redis, and cleared by the first state that shows it over; a state that names a session tells it, the
 * first one that doesn't any more tells its end. A request is answered first, by WAITING or an error.
 */
export class InstantSocket extends PeerSocket implements Watcher, Member {
  readonly #context: InstantContext;
  readonly #caller: Caller;
  readonly #presence: PresenceConnection;
  #user: string | undefined;
  #waiting: WaitingUser | undefined;
  #session: string | undefined;
  /** A request is on its way to Redis: of states that come meanwhile is told after its answer. */
  #isAsking = false;
  #requests = 0;
  #last: Promise<void> = Promise.resolve();
  #told: Promise<void> = Promise.resolve();

  constructor(socket: Socket, caller: Caller, context: InstantContext) {
    super(socket, MAX_BUFFERED_BYTES);
    this.#context = context;
    this.#caller = caller;
    this.#presence = context.presence.open((taken) => {
      if (taken.length > 0) this.close(CLOSE_REPLACED, "replaced");
    });
  }

  get waiting(): WaitingUser | undefined {
    return this.#waiting;
  }

  /** A frame came; undefined for a binary one. */
  async receive(text: string | undefined): Promise<void> {
    this.heard();
    if (this.ended) return;
    let request: InstantRequest | undefined;
    try {
      const frame = textOf(text);
      if (frame.length > MAX_FRAME_CHARS) throw tooLong();
      request = parseInstantFrame(frame);
      if (this.#requests >= MAX_WAITING_REQUESTS) throw tooManyWaiting();
    } catch (error) {
      return this.#refuse(error, request);
    }
    this.#requests += 1;
    this.#last = this.#last
      .then(() => this.#carryOut(request))
      .finally(() => {
        this.#requests -= 1;
      });
    await this.#last;
  }

  refuse(error: MusterError): void {
    this.#refuse(error, undefined);
  }

  tell(text: string): void {
    this.sendText(text);
  }

  askedAgain(session: string): void {
    if (!this.#waiting && !this.#session) this.#status({ status: "AGAIN_ASKED", session });
  }

  /** The user's state changed. */
  deliver(user: string): void {
    const state = this.#context.current(user);
    if (state && !this.#isAsking) this.#follow(state);
  }

  /** The user is off the list. */
  protected override onEnd(): void {
    this.#stopWaiting();
    this.#presence.end();
    if (this.#user === undefined) return;
    this.#context.hub.disconnect(this.#user, this);
    this.#context.watches.unwatch(this, [this.#user]);
  }

  async #carryOut(request: InstantRequest): Promise<void> {
    if (this.ended) return;
    try {
      await this.#obey(request);
    } catch (error) {
      this.#refuse(error, request);
    }
  }

  async #obey({ event, data }: InstantRequest): Promise<void> {
    const context = this.#context;
    switch (event) {
      case "REQUEST_INSTANT_MATCH": {
        const { user_id, ...profile } = data;
        const checked = context.checkProfile(profile);
        const user = await this.#admit(user_id);
        return this.#wait(user, () => enter(context, user, checked));
      }
      case "REQUEST_REMATCH": {
        const user = await this.#admit(data.user_id);
        return this.#wait(user, () => rematch(context, user, data.session));
      }
      case "REQUEST_AGAIN": {
        const user = await this.#admit(data.user_id);
        let partner = "";
        await this.#wait(user, async () => {
          const asked = await again(context, user);
          partner = asked.partner;
          return asked;
        });
        const waiting = this.#waiting;
        // Not awaited: it may take long while Redis is gone, and the user may cancel meanwhile.
        if (waiting) {
          claimAgain(context, waiting, partner, () => this.#waiting === waiting).catch((error) =>
            this.#refuse(error, undefined),
          );
        }
        return;
      }
      case "INSTANT_MATCH": {
        const { alias } = data;
        // Who is in a session by now claimed too late, as when two claim each other.
        if (!this.#waiting && this.#session === undefined) throw notWaiting();
        const outcome = this.#waiting ? await claim(context, this.#waiting, alias) : "taken";
        if (outcome === "taken") this.#status({ status: "TAKEN", alias });
        return;
      }
      case "CANCEL_INSTANT_MATCH": {
        // On a new connection: the user's request ended with the one before.
        if (data.user_id !== undefined) this.#beOf(data.user_id);
        if (!this.#waiting) throw notWaiting();
        // Whatever its outcome is, the user's state tells it.
        await context.store.endTicket(this.#waiting.ticket, "cancelled");
        return;
      }
      case "LEAVE_INSTANT_MATCH":
        if (data.user_id !== undefined) this.#beOf(data.user_id);
        return leave(context, this.#named());
      case "HELLO_INSTANT_MATCH":
        return this.#greet(data.user_id, data.session);
    }
  }

  /** What is told to others. @throws MusterError as `#check`, and TOO_MANY_REQUESTS */
  async #admit(id: string | undefined): Promise<string> {
    const user = this.#check(id ?? this.#named());
    await this.#context.countRequest(user);
    this.#bind(user);
    return user;
  }

  /** This connection is the user's from now on. @throws MusterError as `#check` */
  #beOf(id: string): void {
    this.#bind(this.#check(id));
  }

  /** @throws MusterError INVALID for another user than this connection's, FORBIDDEN for another than its token's */
  #check(id: string): string {
    if (this.#user === undefined) requireSelf(this.#caller, id);
    else if (id !== this.#user) {
      throw new MusterError("INVALID", `user_id must be "${this.#user}", the user of this connection`, {
        faults: [{ field: "user_id", message: "is another one than this connection's" }],
      });
    }
    return id;
  }

  #named(): string {
    if (this.#user === undefined) throw notNamed();
    return this.#user;
  }

  /** The user is there from now on, and an older connection of it is closed. */
  #bind(user: string): void {
    if (this.ended || this.#user !== undefined) return;
    this.#user = user;
    this.#presence.hold([user]);
    this.#context.hub.connect(user, this);
    this.#context.watches.watch(this, [user]);
  }

  /** Tells what became of the user's session while its client was away, or nothing. */
  async #greet(user: string, known: string | undefined): Promise<void> {
    this.#beOf(user);
    if (known === undefined || this.ended || this.#waiting || this.#session !== undefined) return;
    this.#session = known;
    const read = await this.#context.store.readPlayer(user);
    // What is delivered is never older than what was delivered before; what was just read may be.
    this.#follow(this.#context.current(user) ?? read);
  }

  async #wait(user: string, request: () => Promise<Entered>): Promise<void> {
    this.#isAsking = true;
    try {
      await this.#enter(request);
    } finally {
      this.#isAsking = false;
      this.deliver(user);
    }
  }

  async #enter(request: () => Promise<Entered>): Promise<void> {
    const { hub, store, feed } = this.#context;
    const { waiting, expiresAt } = await request();
    hub.leave(this);
    if (this.ended) {
      // The connection ended before its presence could say so of this request.
      feed.announce({ gone: [waiting.alias] });
      await store.endTicket(waiting.ticket, "cancelled");
      return;
    }
    this.#waiting = waiting;
    // Who waits has left the session of before, whether its state has been heard of or not.
    this.#endSession();
    this.#tellNext(async () => {
      this.#status(toWaitingStatus(waiting, expiresAt));
      if (waiting.again === undefined && this.#waiting === waiting) hub.join(this);
    });
  }

  #follow(state: PlayerState): void {
    if (this.ended) return;
    // Read before the user began to wait.
    if (this.#waiting && state.ticket !== this.#waiting.ticket) return;
    const session = state.state === "inmatch" && state.queue === INSTANT_QUEUE ? state.match : undefined;
    if (session !== this.#session) this.#endSession();
    if (session !== undefined && this.#session === undefined) {
      this.#session = session;
      this.#stopWaiting();
      this.#tellNext(() => this.#tellSession(session));
    } else if (this.#waiting && state.state === "idle") {
      const { ticket } = this.#waiting;
      this.#stopWaiting();
      this.#tellNext(() => this.#tellEnd(ticket));
    }
  }

  #endSession(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#tellNext(async () => this.#status({ status: "ENDED", session }));
  }

  #stopWaiting(): void {
    if (!this.#waiting) return;
    const { alias } = this.#waiting;
    this.#waiting = undefined;
    this.#context.hub.leave(this);
    this.#context.feed.announce({ gone: [alias] });
  }

  async #tellSession(id: string): Promise<void> {
    const session = await readSession(this.#context, id, this.#named());
    if (session) this.#status(session);
  }

  /** Of a request that is over without the user having been seen in a session: one may have come and gone. */
  async #tellEnd(id: string): Promise<void> {
    const ticket = await this.#context.store.readTicket(id);
    if (ticket?.match !== undefined) {
      await this.#tellSession(ticket.match);
      this.#status({ status: "ENDED", session: ticket.match });
    } else {
      this.#status({ status: ticket?.status === "expired" ? "EXPIRED" : "CANCELLED" });
    }
  }

  /** In the order in which it happened, though some of it has to be read first. */
  #tellNext(tell: () => Promise<void>): void {
    this.#told = this.#told.then(tell).catch((error) => this.#refuse(error, undefined));
  }

  #refuse(error: unknown, request: InstantRequest | undefined): void {
    if (!(error instanceof MusterError)) {
      this.#context.log.error(
        { err: error, event: request?.event, ticket: this.#waiting?.ticket, match: this.#session },
        "a request for an instant match failed",
      );
      this.close(CLOSE_INTERNAL, "internal error");
      return;
    }
    const alias = request?.event === "INSTANT_MATCH" ? request.data.alias : undefined;
    const data: InstantError = {
      ...{ code: error.code, message: error.message },
      ...(request && { event: request.event }),
      ...(alias !== undefined && { alias }),
    };
    this.#say({ event: ERROR_EVENT, data });
  }

  #status(data: InstantStatus): void {
    if (this.#user !== undefined) this.#say({ event: channelOf(this.#user), data });
  }

  #say(frame: InstantReply): void {
    this.tell(JSON.stringify(frame));
  }
}
