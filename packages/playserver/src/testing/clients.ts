import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { PlayReply, RealmReply, StateFrame } from "@muster/core";

/** Longer than anything here takes on a busy machine, so that what doesn't happen fails by name. */
const LIMIT_MS = 20_000;

/** Things that arrive one by one, and a way to wait until they satisfy a condition. */
export class Arrivals {
  readonly #waiting = new Set<() => void>();

  async until(what: string, holds: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => holds() && resolve();
    const limit = setTimeout(() => reject(new Error(`${what}: not within ${LIMIT_MS} ms`)), LIMIT_MS);
    this.#waiting.add(look);
    look();
    await promise.finally(() => {
      clearTimeout(limit);
      this.#waiting.delete(look);
    });
  }

  arrived(): void {
    for (const look of this.#waiting) look();
  }
}

/** A realm as a test needs it: it keeps every frame, and never reconnects. */
export class RealmClient extends Arrivals {
  readonly frames: RealmReply[] = [];
  /** Each player's version that came last. */
  readonly versions = new Map<string, number>();
  readonly wentBack: StateFrame[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;

  constructor(port: number) {
    super();
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/v1/realm`);
    this.#socket.addEventListener("message", (event) => {
      const frame: RealmReply = JSON.parse(String(event.data));
      this.frames.push(frame);
      if (frame.op === "state") {
        if (frame.version < (this.versions.get(frame.player) ?? -1)) this.wentBack.push(frame);
        this.versions.set(frame.player, frame.version);
      }
      this.arrived();
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
      this.arrived();
    });
  }

  static async open(port: number): Promise<RealmClient> {
    const client = new RealmClient(port);
    await once(client.#socket, "open");
    return client;
  }

  ask(op: "watch" | "unwatch", players: readonly string[]): void {
    this.send(JSON.stringify({ op, players }));
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.until("the close", () => this.closed !== undefined);
  }
}

/** A player's own connection as a test needs it. */
export class PlayClient extends Arrivals {
  readonly frames: PlayReply[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly #socket: WebSocket;

  private constructor(port: number, player: string, query: string) {
    super();
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/v1/play?player=${player}${query}`);
    this.#socket.addEventListener("message", (event) => {
      this.frames.push(JSON.parse(String(event.data)));
      this.arrived();
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
      this.arrived();
    });
  }

  /** @param query more of it, as `&version=3` */
  static async open(port: number, player: string, query = ""): Promise<PlayClient> {
    const client = new PlayClient(port, player, query);
    await client.until("the hello", () => client.frames.length > 0);
    return client;
  }

  /** The frame that comes back for one with this id. */
  async ask(id: string, frame: object): Promise<PlayReply | undefined> {
    const answer = () => this.frames.find((each) => "id" in each && each.id === id);
    this.#socket.send(JSON.stringify({ ...frame, id }));
    await this.until(`the answer to ${id}`, () => answer() !== undefined);
    return answer();
  }

  send(frame: object): void {
    this.#socket.send(JSON.stringify(frame));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.until("the close", () => this.closed !== undefined);
  }
}

/** A reader of server-sent events that keeps the text as it came. */
export class EventReader extends Arrivals {
  text = "";
  ended = false;
  readonly status: number;
  readonly headers: Headers;
  readonly #abort: AbortController;

  private constructor(response: Response, abort: AbortController) {
    super();
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    this.#read(response).catch(() => {});
  }

  static async open(port: number, player: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const abort = new AbortController();
    const response = await fetch(`http://127.0.0.1:${port}/v1/players/${player}/events`, {
      headers,
      signal: abort.signal,
    });
    return new EventReader(response, abort);
  }

  get ids(): string[] {
    return [...this.text.matchAll(/^id: (.*)$/gm)].map(([, id = ""]) => id);
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) {
        this.text += decoder.decode(chunk, { stream: true });
        this.arrived();
      }
    } finally {
      this.ended = true;
      this.arrived();
    }
  }
}

/** A client that sends a request and then reads nothing, until `readUntil`. */
class DeafClient {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket.pause();
  }

  /** Reads on until the text came. @throws when the connection ended before */
  async readUntil(text: string): Promise<void> {
    let tail = "";
    for await (const chunk of this.#socket) {
      tail = (tail + chunk.toString("latin1")).slice(-2 * (chunk.length + text.length));
      if (tail.includes(text)) return;
    }
    throw new Error(`the connection ended without "${text}"`);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

const sendRequest = async (port: number, lines: string[]): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`${[...lines, "Host: muster", "", ""].join("\r\n")}`);
  await once(socket, "data");
  return socket;
};

/** A realm that asks to watch one player and then reads nothing. */
export const connectDeafRealm = async (port: number, player: string): Promise<DeafClient> => {
  const socket = await sendRequest(port, [
    "GET /v1/realm HTTP/1.1",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ]);
  socket.write(maskedTextFrame(JSON.stringify({ op: "watch", players: [player] })));
  return new DeafClient(socket);
};

/** A reader of a player's events that reads only the head of the answer. */
export const connectDeafReader = async (port: number, player: string): Promise<DeafClient> =>
  new DeafClient(await sendRequest(port, [`GET /v1/players/${player}/events HTTP/1.1`]));

/** A client must mask its frames; a mask of zeros leaves them as they are. */
const maskedTextFrame = (text: string): Buffer => {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error("only short frames are made here");
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
};
