import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Running } from "@muster/core/service";
import type { Page } from "./page.ts";

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);

/** Serves the page at `/`, and `/healthz` and `/readyz`. */
export const startApp = async (options: { host: string; port: number; page: Page }): Promise<Running> => {
  const { html, contentSecurityPolicy } = options.page;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return json(response, 405, { error: "this page can only be read" });
    }
    switch (request.url?.split("?")[0]) {
      case "/healthz":
        return json(response, 200, { ok: true });
      case "/readyz":
        return json(response, 200, { ready: true });
      case "/":
        return response
          .writeHead(200, {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": contentSecurityPolicy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-cache",
          })
          .end(html);
      default:
        return json(response, 404, { error: "there is no such page" });
    }
  };

  const server = createServer(answer);
  // Longer than nginx keeps an idle connection (30 s), so that it is never nginx that meets a closed one.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    // A TCP server's address is always an AddressInfo once it listens.
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
