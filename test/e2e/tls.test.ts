import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { findNginx, nginxArgs, type RunningSystem, startSystem, writeNginxFiles } from "@muster/cli";
import { freePort } from "@muster/store/testing";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { WebSocket } from "ws";

/** The lines of docs/security.md, in the nginx.conf that ships, with a certificate made for this test. */
let system: RunningSystem;
let nginx: ChildProcess;
let folder: string;
let ca: Buffer;
let port: number;

const LINES = /## TLS[\s\S]*?```nginx\n([\s\S]*?)```/;

beforeAll(async () => {
  system = await startSystem();
  folder = mkdtempSync(join(tmpdir(), "muster-tls-"));
  const [certificate, key] = [join(folder, "fullchain.pem"), join(folder, "privkey.pem")];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", key, "-out", certificate],
    ],
    { stdio: "pipe" },
  );
  ca = readFileSync(certificate);
  port = await freePort();
  const prefix = join(folder, "nginx");
  const portsOf = (role: string) => system.processes.filter((each) => each.role === role).map((each) => each.port);
  await writeNginxFiles(prefix, {
    ...{ host: "127.0.0.1", port, orchestrators: portsOf("orchestrator") },
    ...{ playservers: portsOf("playserver"), monitors: portsOf("monitor") },
  });
  const [, lines = ""] = LINES.exec(readFileSync(new URL("../../docs/security.md", import.meta.url), "utf8")) ?? [];
  const listen = lines.replace("listen 443", `listen 127.0.0.1:${port}`).replaceAll("/etc/muster/tls", folder);
  writeFileSync(join(prefix, "deployment", "listen.conf"), listen);
  nginx = spawn(findNginx(process.env), nginxArgs(prefix), { stdio: "inherit" });
  const isReady = async () => expect((await call("/readyz")).status).toBe(200);
  await vi.waitFor(isReady, { timeout: 10_000, interval: 50 });
});
afterAll(async () => {
  nginx?.kill("SIGQUIT");
  if (nginx) await once(nginx, "exit");
  await system?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = async (path: string, method = "GET", body?: unknown) => {
  const sent = request({ host: "127.0.0.1", port, path, method, ca, headers: { "content-type": "application/json" } });
  sent.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = await once(sent, "response", { signal: AbortSignal.timeout(5_000) });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() };
};

it("calls, a realm's socket and a player's stream of events work", async () => {
  const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/realm`, { ca });
  await once(socket, "open");
  const told: string[] = [];
  socket.on("message", (data) => told.push(JSON.parse(String(data)).state));
  socket.send(JSON.stringify({ op: "watch", players: ["tls-ann"] }));
  const ticket = { players: [{ id: "tls-ann", elo: 1_000 }] };
  expect((await call("/v1/queues/duel/tickets", "POST", ticket)).status).toBe(201);
  await expect.poll(() => told, { timeout: 5_000 }).toContain("inqueue");
  socket.close();

  const stream = request({ host: "127.0.0.1", port, path: "/v1/players/tls-ann/events", ca });
  stream.end();
  const [response] = await once(stream, "response");
  let events = "";
  response.on("data", (chunk: Buffer) => {
    events += chunk;
  });
  await expect.poll(() => events, { timeout: 5_000 }).toContain('"state":"inqueue"');
  stream.destroy();
}, 30_000);

it("browsers are told to come by TLS only, and of types, frames and referrers what they are told without TLS", async () => {
  expect((await call("/v1/queues")).headers).toMatchObject({
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
  });
});

it("plain HTTP, and a protocol older than 1.2, are refused", async () => {
  const plain = await fetch(`http://127.0.0.1:${port}/v1/queues`);
  expect(plain.status).toBe(400);
  const old = connectTls({ host: "127.0.0.1", port, ca, maxVersion: "TLSv1.1", minVersion: "TLSv1" });
  const [error] = await once(old, "error");
  expect(String(error)).toMatch(/protocol|ssl/i);
}, 30_000);

it("who doesn't trust the certificate doesn't connect", async () => {
  await expect(fetch(`https://127.0.0.1:${port}/v1/queues`)).rejects.toThrow();
});
