import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkPorts, findPorts } from "./ports.ts";

let server: Server;
let used: number;
beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  used = (server.address() as AddressInfo).port;
});
afterEach(() => server.close());

it("names every port that is taken, for whom it is, and what changes it", async () => {
  const need = { port: used, host: "127.0.0.1" };
  const needs = [
    { ...need, holder: "nginx", setting: "--port (MUSTER_PORT)" },
    { ...need, holder: "mover-1", setting: "--base-port (MUSTER_BASE_PORT)" },
    { ...need, holder: "mover-2", setting: "--base-port (MUSTER_BASE_PORT)" },
  ];
  await expect(checkPorts(needs)).rejects.toThrow(
    `  127.0.0.1:${used} for nginx: another program uses it; choose another with --port (MUSTER_PORT)\n` +
      `  127.0.0.1:${used} for mover-1, 127.0.0.1:${used} for mover-2: another program uses it; choose another with --base-port (MUSTER_BASE_PORT)`,
  );
});

it("says so when the machine has no such address", async () => {
  const needs = [{ port: 8080, host: "192.0.2.1", holder: "nginx", setting: "--port" }];
  await expect(checkPorts(needs)).rejects.toThrow("192.0.2.1:8080 for nginx: this machine has no such address");
});

it("finds free ports in a row", async () => {
  const first = await findPorts(3, { next: Math.random });
  await checkPorts([0, 1, 2].map((n) => ({ port: first + n, host: "127.0.0.1", holder: "", setting: "" })));
});
