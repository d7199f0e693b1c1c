import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** A service behind nginx, for tests: answers with its name unless told otherwise, and keeps what it was asked. */
export class FakeUpstream {
  readonly port: number;
  readonly name: string;
  seen: IncomingMessage[] = [];
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end(this.name);
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(name: string, port: number) {
    this.name = name;
    this.port = port;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.seen.push(request);
      this.answer(request, response);
    });
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    // A WebSocket as far as nginx can tell: after the handshake bytes go both ways.
    server.on("upgrade", (request, socket) => {
      this.seen.push(request);
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
      socket.on("error", () => {});
      socket.on("data", (data) => socket.write(`${this.name} heard ${data}`));
    });
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
  }

  /** As a kill: connections break off. Fine if it is stopped already. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}
