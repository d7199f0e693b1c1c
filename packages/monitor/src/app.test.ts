import { ConfigError } from "@muster/core";
import { type Running, startService } from "@muster/core/service";
import { openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { monitor } from "./service.ts";
import type { Frame, Snapshot } from "./view/frames.ts";

const KEY = "a-key-for-these-tests";
const limit = { timeout: 10_000 };

let test: TestStore;
let running: Running;
const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${running.port}${path}`, init);
const start = (settings: Record<string, string> = {}) =>
  startService(monitor, {
    ...{ REDIS_URL: test.redis.url, MUSTER_PORT: "0", MUSTER_NAME: "monitor-1", MUSTER_LOG_LEVEL: "silent" },
    ...{ MUSTER_QUEUES: "queues.json", ...settings },
  });
beforeAll(async () => {
  test = await openTestStore();
  ({ running } = await start({ MUSTER_TESTER: "on", MUSTER_ADMIN_KEY: KEY }));
}, 30_000);
afterAll(async () => {
  await running.stop();
  await test.stop();
});

/** Frames as a page gets them, until `enough`. */
const framesUntil = async (enough: (frames: Frame[]) => boolean, headers = {}): Promise<(Frame & { id: string })[]> => {
  const stop = new AbortController();
  const response = await get("/monitor/stream", { headers, signal: stop.signal });
  const frames: (Frame & { id: string })[] = [];
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field("data");
      if (data) frames.push({ ...(JSON.parse(data) as Frame), id: field("id") ?? "" });
    }
    if (enough(frames)) break;
  }
  stop.abort();
  return frames;
};

describe("monitor", () => {
  it("is healthy and ready", async () => {
    expect(await (await get("/healthz")).json()).toEqual({ ok: true });
    expect(await (await get("/readyz")).json()).toMatchObject({ ready: true });
  });

  it("serves its page under a policy that lets only its own files run", async () => {
    const response = await get("/");
    const html = await response.text();
    expect(response.headers.get("content-security-policy")).toMatch(/default-src 'none'; script-src 'self';/);
    expect(response.headers.get("content-security-policy")).not.toContain("unsafe");
    const [, script = ""] = /src="(\/assets\/[^"]+\.js)"/.exec(html) ?? [];
    expect((await get(script)).headers.get("cache-control")).toContain("immutable");
    expect(html).not.toMatch(/https?:\/\//);
  });

  it("answers 404 to an unknown path and 405 to a write", async () => {
    for (const path of ["/nowhere", "/assets/../package.json", "/%2e%2e/package.json"]) {
      expect((await get(path)).status).toBe(404);
    }
    expect((await get("/", { method: "POST" })).status).toBe(405);
  });

  it("ends its answer to a HEAD of the stream, which is no page that is open", async () => {
    const response = await get("/monitor/stream", { method: "HEAD" });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(await (await get("/readyz")).json()).toMatchObject({ pages: 0 });
  });

  it("begins with a snapshot and goes on with what changes", async () => {
    const reading = framesUntil((all) => all.some((frame) => frame.kind === "delta" && frame.entered.length > 0));
    await expect.poll(async () => (await (await get("/readyz")).json()) as object, limit).toMatchObject({ pages: 1 });
    await test.store.enqueueTickets(sampleQueue({ name: "duel" }), [{ id: "t_ann", request: solo("ann", 1_234) }]);
    const [first, ...deltas] = await reading;
    expect(first).toMatchObject({ kind: "snapshot", waiting: [], tester: true });
    const entered = deltas.flatMap((frame) => (frame.kind === "delta" ? frame.entered : []));
    expect(entered).toMatchObject([{ id: "t_ann", queue: "duel", elo: 1_234, players: 1 }]);
  });

  it("sends a page that lost its connection what it missed, or all anew", async () => {
    const [, last] = await framesUntil((frames) => frames.length >= 2);
    await framesUntil((frames) => frames.length >= 3);
    const missed = await framesUntil((frames) => frames.length >= 1, { "last-event-id": last?.id ?? "" });
    expect(missed[0]).toMatchObject({ kind: "delta", seq: (last?.seq ?? 0) + 1 });
    const [epoch] = last?.id.split("-") ?? [];
    // Of frames to come, of another process, or of no form that is known.
    for (const id of [`${epoch}-999999`, `other-${last?.seq}`, String(last?.seq), ""]) {
      const anew = await framesUntil((frames) => frames.length >= 1, { "last-event-id": id });
      expect(anew[0]).toMatchObject({ kind: "snapshot" });
    }
  });

  it("keeps what it heard of a ticket, and tells it", async () => {
    const history = async (id: string) => (await (await get(`/monitor/tickets/${id}`)).json()) as object;
    expect(await history("t_ann")).toMatchObject({ ticket: "t_ann", moments: [{ type: "queued" }] });
    expect(await history("t_nobody")).toEqual({ ticket: "t_nobody", moments: [] });
    expect((await get("/monitor/tickets/%3Cimg%3E")).status).toBe(404);
  });

  it("tells what the doctor found when it looked last", async () => {
    const told = async () => (await (await get("/monitor/snapshot")).json()) as Snapshot;
    expect(await told()).toMatchObject({ doctor: null });
    await test.raw.set(test.store.keys.diagnosis, JSON.stringify({ at: 1, faults: 2, told: ["ann is lost", "bob"] }));
    await expect.poll(told, limit).toMatchObject({ doctor: { at: 1, faults: 2 } });
    expect((await told()).trouble.map(({ what }) => what).join()).toContain("The doctor found 2 inconsistencies");
    await test.raw.del(test.store.keys.diagnosis);
    await expect.poll(told, limit).toMatchObject({ doctor: null });
  });

  it("shows who waited before it was started, until they are gone", async () => {
    const { running: other } = await start({ MUSTER_NAME: "monitor-2" });
    const waiting = async () =>
      ((await (await fetch(`http://127.0.0.1:${other.port}/monitor/snapshot`)).json()) as { waiting: object[] })
        .waiting;
    expect(await waiting()).toMatchObject([{ id: "t_ann" }]);
    await test.store.endTicket("t_ann", "cancelled");
    await expect.poll(waiting, limit).toEqual([]);
    await other.stop();
  });

  it("lets nobody use the tester without the key, or where it is off", async () => {
    const post = (port: number, key: string) =>
      fetch(`http://127.0.0.1:${port}/monitor/tester`, {
        ...{ method: "POST", headers: { "x-muster-admin-key": key }, body: '{"action":"kill","service":"nobody"}' },
      });
    expect((await post(running.port, "wrong")).status).toBe(401);
    expect((await post(running.port, KEY)).status).toBe(400);
    const { running: off } = await start({ MUSTER_NAME: "monitor-3" });
    expect((await post(off.port, KEY)).status).toBe(403);
    await off.stop();
  });

  it("names every faulty variable, and asks for the key that the tester needs", async () => {
    const faulty = { MUSTER_PORT: "many", MUSTER_LOG_LEVEL: "loud" };
    expect(() => monitor.readConfig(faulty)).toThrow(ConfigError);
    expect(() => monitor.readConfig(faulty)).toThrow(
      /MUSTER_LOG_LEVEL[\s\S]*MUSTER_PORT|MUSTER_PORT[\s\S]*MUSTER_LOG_LEVEL/,
    );
    await expect(start({ MUSTER_TESTER: "on" })).rejects.toThrow(/MUSTER_ADMIN_KEY/);
  });
});
