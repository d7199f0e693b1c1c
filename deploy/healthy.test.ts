import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { freePort } from "@muster/store/testing";
import { expect, it, onTestFinished } from "vitest";

const check = async (port: number, path: string): Promise<number> => {
  const [code] = await once(spawn("bash", [join(import.meta.dirname, "healthy.sh"), String(port), path]), "exit");
  return code;
};

it("is healthy what answers with 200, and nothing else", async () => {
  const server = createServer(({ url }, response) => response.writeHead(url === "/readyz" ? 200 : 503).end());
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(await check(port, "/readyz")).toBe(0);
  expect(await check(port, "/healthz")).toBe(1);
  expect(await check(await freePort(), "/readyz")).toBe(1);
});
