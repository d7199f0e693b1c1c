import { createServer } from "node:http";
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
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    };
    if (request.url === "/healthz") return answer(200, { ok: true });
    if (request.url === "/readyz") {
      try {
        const readiness = await options.readiness();
        return answer(readiness.ready ? 200 : 503, readiness);
      } catch (error) {
        return answer(503, { ready: false, reason: String(error) });
      }
    }
    if (request.url === "/metrics") {
      const { contentType } = options.metrics;
      return void response.writeHead(200, { "content-type": contentType }).end(await options.metrics.text());
    }
    return answer(404, { error: "this service answers /healthz, /readyz and /metrics" });
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
