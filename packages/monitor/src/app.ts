import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ERRORS, MusterError, toProblem } from "@muster/core";
import type { Logger, Metrics, Running } from "@muster/core/service";
import type { PageFile } from "./page-files.ts";
import { openStream } from "./stream.ts";
import type { Tester } from "./tester/tester.ts";
import type { Watch } from "./view/watch.ts";

const MAX_BODY_BYTES = 4_096;
const HISTORY_PATH = /^\/monitor\/tickets\/([A-Za-z0-9_-]{1,64})$/;

/** Exactly its own files may run, and it asks nobody but its own origin. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export interface AppOptions {
  host: string;
  port: number;
  files: ReadonlyMap<string, PageFile>;
  watch: Watch;
  /** New with each start. */
  epoch: string;
  metrics: Pick<Metrics, "contentType" | "text">;
  /** Absent: the tester is off. */
  tester?: { tester: Tester; adminKey: string };
  log: Logger;
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  response
    .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
    .end(`${JSON.stringify(body)}\n`);

const answerHead = (response: ServerResponse) =>
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" }).end();

const problem = (response: ServerResponse, error: MusterError) =>
  response
    .writeHead(ERRORS[error.code].status, { "content-type": "application/problem+json" })
    .end(`${JSON.stringify(toProblem(error))}\n`);

/**
 * Serves the page at `/`, what it shows at `/monitor/snapshot`, `/monitor/stream` and `/monitor/tickets/{id}`, the tester
 * at `/monitor/tester`, and `/healthz`, `/readyz` and `/metrics`.
 */
export const startApp = async ({
  host,
  port,
  files,
  watch,
  epoch,
  metrics,
  tester,
  log,
}: AppOptions): Promise<Running> => {
  const stream = openStream(watch, epoch);

  const runTester = async (request: IncomingMessage, response: ServerResponse) => {
    if (!tester) throw new MusterError("FORBIDDEN", "The tester is off: MUSTER_TESTER=on switches it on.");
    if (!isSame(String(request.headers["x-muster-admin-key"] ?? ""), tester.adminKey)) {
      throw new MusterError("UNAUTHORIZED", "This needs the admin key, in the header x-muster-admin-key.");
    }
    json(response, 200, { done: await tester.tester.run(await readBody(request)) });
  };

  const sendFile = (request: IncomingMessage, response: ServerResponse, { body, type, immutable }: PageFile) =>
    response
      .writeHead(200, {
        "content-type": type,
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cache-control": immutable ? "public, max-age=31536000, immutable" : "no-cache",
      })
      .end(request.method === "HEAD" ? undefined : body);

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url?.split("?")[0] ?? "/";
    if (path === "/monitor/tester" && request.method === "POST") return runTester(request, response);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return json(response, 405, { error: "this page can only be read" });
    }
    const file = files.get(path);
    if (file) return sendFile(request, response, file);
    if (path === "/healthz") return json(response, 200, { ok: true });
    if (path === "/readyz")
      return json(response, watch.ready() ? 200 : 503, { ready: watch.ready(), pages: stream.pages });
    if (path === "/metrics") {
      response.writeHead(200, { "content-type": metrics.contentType }).end(await metrics.text());
      return undefined;
    }
    if (path === "/monitor/snapshot") return json(response, 200, watch.snapshot());
    const [, ticket] = HISTORY_PATH.exec(path) ?? [];
    if (ticket !== undefined) return json(response, 200, { ticket, moments: watch.historyOf(ticket) });
    if (path === "/monitor/stream") {
      // It would never end, and what asks next on its connection would wait for that.
      if (request.method === "HEAD") return answerHead(response);
      if (stream.open(request, response)) return undefined;
      return json(response, 503, { error: "as many pages are open as may be" });
    }
    return json(response, 404, { error: "there is no such page" });
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      if (error instanceof MusterError) {
        problem(response, error);
        return;
      }
      log.error({ err: error }, "a request failed");
      json(response, 500, { error: "something went wrong here" });
    });
  });
  // Longer than nginx keeps an idle connection (30 s), so that it is never nginx that meets a closed one.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    // A TCP server's address is always an AddressInfo once it listens.
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        stream.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** In constant time, whatever their lengths. */
const isSame = (one: string, other: string): boolean => {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
};

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) throw new MusterError("INVALID", `A request may have ${MAX_BODY_BYTES} bytes.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new MusterError("INVALID", "The body is no JSON.");
  }
};
