import type { WebSocketLike } from "../repairing-socket.ts";

type Events = Record<"open" | "error", () => void> & {
  message: (event: { data: unknown }) => void;
  close: (event: { code: number; reason: string }) => void;
};

/** A WebSocket whose server is the test. */
export class FakeWebSocket implements WebSocketLike {
  static made: FakeWebSocket[] = [];
  readonly url: string;
  readonly sent: unknown[] = [];
  readonly #listeners: { [Type in keyof Events]: Events[Type][] } = { open: [], error: [], message: [], close: [] };
  #closed = false;

  constructor(url: string) {
    this.url = url;
    FakeWebSocket.made.push(this);
  }

  addEventListener<Type extends keyof Events>(type: Type, listener: Events[Type]): void {
    this.#listeners[type].push(listener);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    if (!this.#closed) queueMicrotask(() => this.drop(1000));
  }

  open(): void {
    for (const listener of this.#listeners.open) listener();
  }

  drop(code = 1006): void {
    this.#closed = true;
    for (const listener of this.#listeners.close) listener({ code, reason: "" });
  }

  say(frame: unknown): void {
    const data = typeof frame === "string" ? frame : JSON.stringify(frame);
    for (const listener of this.#listeners.message) listener({ data });
  }
}
