import { expect, it, onTestFinished } from "vitest";
import { type OpsServer, startOpsServer } from "./ops-server.ts";

const start = async (options: Partial<Parameters<typeof startOpsServer>[0]> = {}): Promise<OpsServer> => {
  const server = await startOpsServer({
    ...{ host: "127.0.0.1", port: 0, readiness: () => ({ ready: true }) },
    metrics: { contentType: "text/plain", text: async () => "up 1\n" },
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
};
const get = async ({ port }: OpsServer, path: string) => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return [answer.status, await answer.text()];
};

it("answers probes and metrics, and says what else there is", async () => {
  const server = await start();
  expect(await get(server, "/healthz")).toEqual([200, '{"ok":true}\n']);
  expect(await get(server, "/readyz")).toEqual([200, '{"ready":true}\n']);
  expect(await get(server, "/metrics")).toEqual([200, "up 1\n"]);
  expect(await get(server, "/")).toEqual([404, expect.stringContaining("/metrics")]);
});

it("answers on when readiness or metrics can't be told", async () => {
  const fail = async () => {
    throw new Error("Redis is gone");
  };
  const server = await start({ readiness: fail, metrics: { contentType: "text/plain", text: fail } });
  expect(await get(server, "/metrics")).toEqual([500, '{"error":"Error: Redis is gone"}\n']);
  expect(await get(server, "/readyz")).toEqual([503, '{"ready":false,"reason":"Error: Redis is gone"}\n']);
  expect(await get(server, "/healthz")).toEqual([200, '{"ok":true}\n']);
});
