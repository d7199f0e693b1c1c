import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, systemRandom } from "@muster/core/service";
import { expect, it, vi } from "vitest";
import { awaitReady } from "./await-ready.ts";
import { findPorts } from "./ports.ts";
import { processPart } from "./process-part.ts";
import { findRedis, probeRedis, redisArgs } from "./redis.ts";

// Real processes, on a machine that may be busy with other tests.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

/** What a server that answers so means. */
const probeOf = async (reply: string) => {
  const server = createServer((socket) => socket.on("error", () => {}).end(reply)).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await probeRedis(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
  }
};

it("is ready when it answers, or asks for a password first", async () => {
  expect(await probeOf("+PONG\r\n")).toMatchObject({ ready: true });
  expect(await probeOf("-NOAUTH Authentication required.\r\n")).toMatchObject({ ready: true });
});

it("is not ready while it loads its data, when something else listens there, or when nobody does", async () => {
  expect(await probeOf("-LOADING Redis is loading the dataset in memory\r\n")).toMatchObject({ ready: false });
  expect(await probeOf("HTTP/1.1 400 Bad Request\r\n\r\n")).toMatchObject({ ready: false });
  expect(await probeOf("")).toMatchObject({ ready: false });
  expect(await probeRedis("redis://127.0.0.1:1")).toMatchObject({ ready: false });
});

it("says what is missing when there is no Redis", async () => {
  const nowhere = { PATH: "/nowhere" };
  // A machine that keeps Redis where servers are kept finds it without PATH as well.
  await findRedis(nowhere).then(
    (program) => expect(program).toMatch(/(redis|valkey)-server$/),
    (error) => expect(error.message).toMatch(/--redis-url/),
  );
});

it("starts with our settings, keeps its data, and stops when asked", async () => {
  const dir = mkdtempSync(join(tmpdir(), "muster-redis-"));
  const port = await findPorts(1, systemRandom);
  const redis = processPart(
    { role: "redis", name: "redis", port, probe: () => probeRedis(`redis://127.0.0.1:${port}`) },
    {
      command: await findRedis(process.env),
      args: redisArgs(port, dir),
      env: {},
      logFile: join(dir, "redis.log"),
      stopSignal: "SIGTERM",
    },
    { clock: systemClock, random: systemRandom, onPid: () => {}, onDeath: () => {} },
  );
  try {
    await redis.start();
    await awaitReady([redis], { withinMs: 10_000, clock: systemClock, signal: new AbortController().signal });
    expect(await redis.stop(10_000)).toBe(true);
    expect(redis.lastLog()).toContain("bye bye");
  } finally {
    await redis.stop(0);
    rmSync(dir, { recursive: true });
  }
});

it("takes a Valkey that is new enough when the Redis beside it is too old", async () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-servers-"));
  const server = (name: string, version: string) =>
    writeFileSync(join(folder, name), `#!/bin/sh\necho "Server v=${version} sha=0"\n`, { mode: 0o755 });
  try {
    server("redis-server", "6.0.16");
    // Looked for on PATH first, before where servers are usually kept.
    const env = { PATH: folder };
    server("valkey-server", "8.1.0");
    expect(await findRedis(env)).toBe(join(folder, "valkey-server"));
    server("valkey-server", "6.9.0");
    await expect(findRedis(env)).rejects.toThrow(/redis-server is too old[\s\S]*valkey-server is too old/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
