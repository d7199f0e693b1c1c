/**
 * Many players' own connections, in a process of its own: takes a URL, the first number and how many as the first message, says
 * "open" when all are open, and holds them until it is killed. It also ends when who started it is gone.
 */
import { WebSocket } from "ws";

export interface ToSocketsProcess {
  /** Without the player: `ws://127.0.0.1:7420/v1/play?player=`. */
  url: string;
  first: number;
  count: number;
}

/** Connections being opened at once. */
const AT_ONCE = 100;

const open = (url: string) =>
  new Promise<void>((resolve, reject) => {
    const socket = new WebSocket(url);
    // The hello: the playserver has done all that it does for a new connection.
    socket.once("message", () => resolve());
    socket.once("error", reject);
    socket.once("close", (code) => reject(new Error(`a connection was closed with code ${code}`)));
  });

process.on("disconnect", () => process.exit(1));

process.once("message", async ({ url, first, count }: ToSocketsProcess) => {
  for (let from = 0; from < count; from += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => first + from + index);
    await Promise.all(numbers.map((number) => open(`${url}bench-${number}`)));
  }
  process.send?.("open");
});
