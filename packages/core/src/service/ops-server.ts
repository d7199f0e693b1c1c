import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What `/readyz` answers: 200 when `ready`, else 503; the rest is for the operator's eyes. */
export interface Readiness {
  ready: boolean;
  [detail: string]: unknown;
}

export interface OpsServer {
  port: number;
  close(): Promise<void>;
}

/** `/healthz` (the process runs) and `/readyz` (it can do its work) for services that serve no other HTTP. */
export const startOpsServer = async (options: {
  host: string;
  port: number;
  readiness: () => Readiness | Promise<Readiness>;
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
    return answer(404, { error: "this service answers /healthz and /readyz" });
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
