import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "./metrics.ts";

/** What `/readyz` answers: 200 when `ready`, else 503; the rest is for the operator's eyes. */
export interface Readiness {
  ready: boolean;
  [detail: string]: unknown;
}

export interface OpsServer {
  port: number;
  close(): Promise<void>;
}

/** `/healthz` (the process runs), `/readyz` (it can do its work) and `/metrics` for services that serve no other HTTP. */
export const startOpsServer = async (options: {
  host: string;
  port: number;
  readiness: () => Readiness | Promise<Readiness>;
  metrics: Pick<Metrics, "contentType" | "text">;
}): Promise<OpsServer> => {
  const answer = (response: ServerResponse, status: number, body: unknown) => {
    response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
  };
  const handle = async ({ url }: IncomingMessage, response: ServerResponse) => {
    if (url === "/healthz") return answer(response, 200, { ok: true });
    if (url === "/readyz") {
      try {
        const readiness = await options.readiness();
        return answer(response, readiness.ready ? 200 : 503, readiness);
      } catch (error) {
        return answer(response, 503, { ready: false, reason: String(error) });
      }
    }
    if (url === "/metrics") {
      const text = await options.metrics.text();
      response.writeHead(200, { "content-type": options.metrics.contentType }).end(text);
      return;
    }
    answer(response, 404, { error: "this service answers /healthz, /readyz and /metrics" });
  };
  const server = createServer((request, response) => {
    // Who asks is told: an error that nobody handled would end the service.
    handle(request, response).catch((error) => answer(response, 500, { error: String(error) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    // A TCP server's address is always an AddressInfo once it listens.
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
