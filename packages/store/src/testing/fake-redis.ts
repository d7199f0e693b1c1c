import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * Speaks as Redis, or as a sentinel, would where no real one can be made to say what a test needs.
 *
 * @param answer the reply to a command, of which it is given the words as they go over the wire; undefined: silence
 */
export const startFakeRedis = async (
  answer: (command: string) => string | undefined,
): Promise<{ port: number; stop(): void }> => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      // Each command begins with the count of its words.
      for (const command of data
        .toString()
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        const reply = answer(command);
        if (reply !== undefined) socket.write(reply);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
};
