import {
  CLOSE_REPLACED,
  type Clock,
  type HelloFrame,
  MusterError,
  type PlayerState,
  type PlayReply,
  PlayRequest,
} from "@muster/core";
import type { Store } from "@muster/store";
import { type ApiAnswer, type ApiMethod, type CallApi, type CalledBy, callOf, type PlayCall } from "./call-api.ts";
import { textOf } from "./frame-text.ts";
import { createFrameParser } from "./parse-frame.ts";
import { CLOSE_TRY_LATER, PeerSocket, type Socket } from "./peer-socket.ts";
import type { Presence, PresenceConnection } from "./presence.ts";
import { MAX_BUFFERED_BYTES, type Watcher, type WatchRegistry } from "./watch-registry.ts";

/** Calls of one player that may be under way at once. */
const MAX_CALLS = 8;

const parsePlayRequest = createFrameParser(PlayRequest, '{"op":"cancel","ticket":"t_1"}');

export interface PlayDeps {
  watches: WatchRegistry;
  presence: Presence;
  /** What was last heard of a player; undefined before the first word. */
  current: (player: string) => PlayerState | undefined;
  readPlayer: (player: string) => Promise<HelloFrame["player"]>;
  raiseVersions: Store["raiseVersions"];
  clock: Clock;
  callApi: CallApi;
  /** Its calls are made with the token and under the name with which the player came. */
  calledBy: CalledBy;
}

/**
 * One player's own connection: while it is open, the player is there; when it ends, the player is away at once, unless a
 * newer connection has taken over. It knows no rules: what the player asks for goes to the API as the call that it
 * means, for this player only.
 */
export class PlaySocket extends PeerSocket implements Watcher {
  readonly #player: string;
  /** The newest version that an earlier connection told; 0: none. */
  readonly #seen: number;
  readonly #deps: PlayDeps;
  readonly #presence: PresenceConnection;
  /** The ticket that hello or the last answer named: the state that names it may come later. */
  #ticket: string | undefined;
  /** The version that hello told. What others here were told last may be older. */
  #helloVersion = 0;
  #calls = 0;

  constructor(socket: Socket, player: string, seen: number, deps: PlayDeps) {
    super(socket, MAX_BUFFERED_BYTES);
    this.#player = player;
    this.#seen = seen;
    this.#deps = deps;
    this.#presence = deps.presence.open((taken) => {
      if (taken.length > 0) this.close(CLOSE_REPLACED, "replaced");
    });
  }

  /** Makes the player present and says hello; states follow. */
  async start(): Promise<void> {
    this.#presence.hold([this.#player]);
    try {
      const player = await this.#read();
      this.#ticket ??= player.ticket;
      this.#helloVersion = player.version;
      this.#send({ op: "hello", player });
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      return this.close(CLOSE_TRY_LATER, "the player can't be read right now; connect again");
    }
    if (!this.ended) this.#deps.watches.watch(this, [this.#player]);
  }

  /** As it is, or newer where what an earlier connection told was lost. */
  async #read(): Promise<HelloFrame["player"]> {
    const { readPlayer, raiseVersions } = this.#deps;
    const player = await readPlayer(this.#player);
    if (player.version === 0 || player.version >= this.#seen) return player;
    await raiseVersions([{ player: this.#player, version: this.#seen }]);
    return readPlayer(this.#player);
  }

  /** A frame came; undefined for a binary one. */
  receive(text: string | undefined): void {
    this.heard();
    if (this.ended) return;
    let id: string | undefined;
    try {
      const request = parsePlayRequest(textOf(text));
      id = request.id;
      if (request.op === "ping") {
        this.#send({ op: "pong" });
        return;
      }
      this.#checkOwn(request);
      if (this.#calls >= MAX_CALLS) {
        throw new MusterError("OVERLOADED", `${MAX_CALLS} calls are under way. Wait for one of their answers.`);
      }
      this.#answer(request);
    } catch (error) {
      if (!(error instanceof MusterError)) throw error;
      this.refuse(error, id);
    }
  }

  /** @param id of the frame; undefined when it was not read */
  refuse({ code, message }: MusterError, id?: string): void {
    this.#send({ op: "error", ...(id !== undefined && { id }), code, message });
  }

  deliver(_player: string, version: number, frame: string): void {
    if (version >= this.#helloVersion) this.sendText(frame);
  }

  protected override onEnd(): void {
    this.#presence.end();
    this.#deps.watches.unwatch(this, [this.#player]);
  }

  /** @throws MusterError INVALID for what would be done to others */
  #checkOwn(request: PlayCall): void {
    if (request.op === "queue") {
      if (request.ticket.players.some(({ id }) => id === this.#player)) return;
      throw new MusterError("INVALID", `ticket.players must hold the player of this connection, "${this.#player}"`);
    }
    if (!("ticket" in request) || request.ticket === this.#ticket) return;
    if (request.ticket === this.#deps.current(this.#player)?.ticket) return;
    throw new MusterError("INVALID", `ticket must be the one that player "${this.#player}" is in`);
  }

  async #answer(request: PlayCall): Promise<void> {
    this.#calls += 1;
    const { status, body } = await this.#carryOut(request).finally(() => {
      this.#calls -= 1;
    });
    this.#send({ op: "answer", ...(request.id !== undefined && { id: request.id }), status, body });
  }

  async #carryOut(request: PlayCall): Promise<ApiAnswer> {
    const { current, calledBy } = this.#deps;
    const callApi = (method: ApiMethod, path: string, body?: unknown) =>
      this.#deps.callApi(method, path, body, calledBy);
    if (request.op !== "queue") return callApi(...callOf(this.#player, request));
    const state = current(this.#player);
    const waitsIn = state?.state === "inqueue" ? state.ticket : this.#ticket;
    if (request.replace && waitsIn !== undefined) {
      // Whatever it answers: a player who is still busy then is told so by the enqueue.
      await callApi("DELETE", `/v1/tickets/${encodeURIComponent(waitsIn)}`);
    }
    const answer = await callApi("POST", `/v1/queues/${encodeURIComponent(request.queue)}/tickets`, request.ticket);
    if (answer.status === 201) this.#ticket = ticketIdOf(answer.body);
    // Its end found the player idle. Without the API's own answer it may wait all the same.
    if (this.ended) this.#presence.endedBefore([this.#player]);
    return answer;
  }

  #send(frame: PlayReply): void {
    this.sendText(JSON.stringify(frame));
  }
}

const ticketIdOf = (body: unknown): string | undefined =>
  typeof body === "object" && body !== null && "id" in body && typeof body.id === "string" ? body.id : undefined;
