import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";

export const TEST_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

/** A message that an endpoint got, whose signature the Standard Webhooks library found good. */
export interface GotMessage {
  id: string;
  type: string;
  timestamp: string;
  data: { partition: string; event: Record<string, unknown>; match?: { id: string }; ticket?: { id: string } };
}

/** An endpoint of a test: verifies and keeps what it is sent, and answers as it is told. */
export interface TestEndpoint {
  url: string;
  got: readonly GotMessage[];
  /** Requests so far, whatever was answered. */
  requests: number;
  /** Signatures that were not good. */
  refused: number;
  /** What it answers from now on: a status, or "hang" for never. */
  answer: number | "hang";
  stop(): Promise<void>;
}

export const startEndpoint = async (secret = TEST_SECRET): Promise<TestEndpoint> => {
  const verifier = new Webhook(secret);
  const got: GotMessage[] = [];
  const server = createServer(async (request, response) => {
    endpoint.requests += 1;
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const { answer } = endpoint;
    if (answer === "hang") return;
    if (answer === 200) {
      try {
        const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature } = request.headers;
        const headers = { "webhook-id": `${id}`, "webhook-timestamp": `${at}`, "webhook-signature": `${signature}` };
        got.push({ id: `${id}`, ...(verifier.verify(body, headers) as Omit<GotMessage, "id">) });
      } catch {
        endpoint.refused += 1;
      }
    }
    response.writeHead(answer, answer === 302 ? { location: "/elsewhere" } : {}).end("as told");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint: TestEndpoint = {
    // A TCP server's address is always an AddressInfo once it listens.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    got,
    requests: 0,
    refused: 0,
    answer: 200,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return endpoint;
};
