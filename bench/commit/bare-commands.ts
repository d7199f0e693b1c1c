import { once } from "node:events";
import { connect } from "node:net";

/** Chunks under way at once: Redis always has the next one. */
const CHUNKS_UNDER_WAY = 4;

/** Commands as they go over the wire, and a PING that shows when they are done. */
export const bareChunk = (commands: readonly (readonly string[])[]): Buffer =>
  Buffer.from([...commands, ["PING"]].map(encode).join(""));

const encode = (command: readonly string[]): string =>
  `*${command.length}\r\n${command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`;

/**
 * Sends chunks of `bareChunk` over one plain socket.
 *
 * @returns ms from the first byte sent to the last answer
 * @throws when Redis refuses a command
 */
export const sendBare = async (port: number, chunks: readonly Buffer[]): Promise<number> => {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.setNoDelay(true);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let [sent, answered] = [0, 0];
  let rest = "";
  const sendMore = () => {
    while (sent < chunks.length && sent - answered < CHUNKS_UNDER_WAY) socket.write(chunks[sent++] ?? "");
  };
  socket.setEncoding("latin1");
  socket.on("error", reject);
  socket.on("data", (data: string) => {
    const text = rest + data;
    // A line may come in two parts.
    const end = text.includes("\r\n") ? text.lastIndexOf("\r\n") + 2 : 0;
    const lines = text.slice(0, end);
    rest = text.slice(end);
    const error = /(?:^|\r\n)-([^\r]+)/.exec(lines);
    if (error) reject(new Error(`Redis refused a bare command: ${error[1]}`));
    answered += lines.split("+PONG\r\n").length - 1;
    if (answered === chunks.length) resolve();
    else sendMore();
  });
  const beganAt = performance.now();
  sendMore();
  await promise;
  const elapsedMs = performance.now() - beganAt;
  socket.destroy();
  return elapsedMs;
};
