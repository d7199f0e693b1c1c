import { createHash } from "node:crypto";
import { ConfigError } from "@muster/core";
import { type Running, startService } from "@muster/core/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monitor } from "./service.ts";

describe("monitor", () => {
  let running: Running;
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${running.port}${path}`, init);

  beforeAll(async () => {
    const env = { MUSTER_PORT: "0", MUSTER_NAME: "monitor-1", MUSTER_LOG_LEVEL: "silent" };
    ({ running } = await startService(monitor, env));
  });
  afterAll(() => running.stop());

  it("is healthy and ready", async () => {
    expect(await (await get("/healthz")).json()).toEqual({ ok: true });
    expect(await (await get("/readyz")).json()).toEqual({ ready: true });
  });

  it("allows exactly its own style and script to run", async () => {
    const response = await get("/");
    const html = await response.text();
    const policy = response.headers.get("content-security-policy");
    for (const tag of ["style", "script"]) {
      const block = html.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0] ?? "";
      expect(policy).toContain(`${tag}-src 'sha256-${createHash("sha256").update(block).digest("base64")}'`);
    }
    expect(policy).not.toContain("unsafe");
  });

  it("asks nobody but its own origin", async () => {
    const html = await (await get("/")).text();
    expect(html).toContain('href="/docs"');
    expect(html).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/innerHTML|\son\w+=|\sstyle=/);
  });

  it("answers 404 to an unknown path and 405 to a write", async () => {
    expect((await get("/nowhere")).status).toBe(404);
    expect((await get("/", { method: "POST" })).status).toBe(405);
  });

  it("names every faulty variable", () => {
    const faulty = { MUSTER_PORT: "many", MUSTER_LOG_LEVEL: "loud" };
    expect(() => monitor.readConfig(faulty)).toThrow(ConfigError);
    expect(() => monitor.readConfig(faulty)).toThrow(
      /MUSTER_LOG_LEVEL[\s\S]*MUSTER_PORT|MUSTER_PORT[\s\S]*MUSTER_LOG_LEVEL/,
    );
  });
});
