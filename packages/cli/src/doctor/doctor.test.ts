import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeys } from "@muster/store";
import { openTestStore, SAMPLE_ROLES, sampleBeat, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DoctorCommandOptions, doctor } from "./command.ts";

let test: TestStore;
let folder: string;
beforeAll(async () => {
  test = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), "muster-doctor-"));
});
afterAll(async () => {
  await test?.stop();
  await rm(folder, { recursive: true, force: true });
});
/** A server that is well, so that only what a test plants is wrong. */
beforeEach(async () => {
  await test.raw.flushall();
  await test.raw.config("SET", "notify-keyspace-events", "K$");
  await test.raw.config("SET", "appendonly", "yes");
  await test.raw.config("SET", "hash-max-listpack-value", "2304");
  await test.store.holdLease("me", 60_000);
  for (const role of SAMPLE_ROLES) await test.store.writeBeat(sampleBeat(role, test.store.clock.now()));
});

const run = async (options: Partial<DoctorCommandOptions> = {}) => {
  const lines: string[] = [];
  const faults: string[] = [];
  const output = { out: (line: string) => lines.push(line), err: (line: string) => faults.push(line) };
  const code = await doctor({ redisUrl: test.redis.url, partition: ["main"], ...options }, output);
  return { code, lines, faults, text: lines.join("\n") };
};
const plantLost = () => test.raw.set(test.store.keys.playerState("ann"), "inqueue 7 7 2 t_none 1 - duel");

describe("muster doctor", () => {
  it("says ok to all that is well and ends with 0", async () => {
    await test.store.enqueueTickets(sampleQueue(), [{ id: "t_1", request: solo("ann") }]);
    const { code, lines } = await run({ deep: true });
    expect(code).toBe(0);
    expect(lines.every((line) => line.startsWith("ok "))).toBe(true);
    expect(lines.join("\n")).toMatch(/queue duel +1 tickets wait/);
  });

  it("says what is wrong and how to mend it, and ends with 1", async () => {
    await test.raw.config("SET", "notify-keyspace-events", "");
    const { code, text } = await run();
    expect(code).toBe(1);
    expect(text).toMatch(/^wrong +notify-keyspace-events +none\n +→ CONFIG SET notify-keyspace-events K\$/m);
  });

  it("looks into what is kept only when asked, and mends it only when asked", async () => {
    await plantLost();
    expect((await run()).code).toBe(0);
    const found = await run({ deep: true });
    expect(found.code).toBe(1);
    expect(found.text).toMatch(
      /^wrong +lost-player: player ann is inqueue, but ticket t_none is not there\n +→ muster/m,
    );
    const mended = await run({ repair: true });
    expect([mended.code, mended.text]).toEqual([0, expect.stringMatching(/^mended +lost-player: player ann/m)]);
    expect((await run({ deep: true })).code).toBe(0);
  });

  it("ends with 1 when something can't be mended", async () => {
    await test.store.enqueueTickets(sampleQueue(), [{ id: "t_1", request: solo("ann") }]);
    await test.raw.hset(test.store.keys.ticket("t_1"), "expiresAt", 5);
    const { code, text } = await run({ repair: true });
    expect([code, text]).toEqual([1, expect.stringMatching(/^wrong +overdue-ticket: ticket t_1 should have expired/m)]);
  });

  it("puts a ticket back when it is told the queues", async () => {
    await test.store.enqueueTickets(sampleQueue(), [{ id: "t_1", request: solo("ann") }]);
    await test.raw.del(test.store.keys.eloBucket("duel", 40));
    expect((await run({ repair: true })).code).toBe(1);
    const file = join(folder, "queues.json");
    const { name: _, regions, teamShapes: __, ...definition } = sampleQueue();
    await writeFile(file, JSON.stringify({ regions, queues: { duel: definition } }));
    expect((await run({ repair: true, queues: file })).code).toBe(0);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("tells it all to programs", async () => {
    await plantLost();
    const { lines } = await run({ deep: true, json: true });
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      well: false,
      checks: expect.arrayContaining([{ name: "Redis version", status: "ok", text: expect.any(String) }]),
      faults: [{ kind: "lost-player", about: "player", id: "ann", queue: "duel", text: expect.any(String) }],
    });
    const mended = JSON.parse((await run({ repair: true, json: true })).lines[0] ?? "");
    expect(mended).toMatchObject({ well: true, faults: [{ kind: "lost-player", outcome: "mended" }] });
  });

  it("says what is wrong with nginx when it is told where that is", async () => {
    const nobody = await run({ url: "http://127.0.0.1:1" });
    expect(nobody.code).toBe(1);
    expect(nobody.text).toMatch(/^wrong +nginx +http:\/\/127\.0\.0\.1:1 gives no answer: .*\n +→ start nginx/m);
    const server = createServer((request, response) => {
      const [status, body] =
        request.url === "/readyz" ? [503, {}] : [401, { status: 401, code: "UNAUTHORIZED", detail: "Show a key" }];
      response.writeHead(status).end(JSON.stringify(body));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const { code, lines } = await run({ url: `http://127.0.0.1:${port}` }).finally(() => server.close());
    expect(code).toBe(1);
    const text = lines.join("\n");
    expect(text).toMatch(/^wrong +nginx +\/readyz answers 503\n +→ see that orchestrators run/m);
    expect(text).toMatch(/^wrong +API +Show a key\n +→ give a key .* MUSTER_API_KEY/m);
    expect(text).toMatch(/^wrong +WebSocket +Can't open a WebSocket to ws:.*\n +→ see that a playserver runs/m);
  });

  it("looks at all partitions that it is told of, or that the queues file has", async () => {
    await test.raw.set(createKeys("eu").playerState("bob"), "inqueue 7 7 2 t_eu.none 1 - pairs");
    const { code, text } = await run({ deep: true, partition: ["main", "eu"] });
    expect(code).toBe(1);
    expect(text).toMatch(/^wrong +eu: lost-player: player bob/m);
    const file = join(folder, "two.json");
    const { name: _, regions, teamShapes: __, ...definition } = sampleQueue();
    await writeFile(file, JSON.stringify({ queues: { duel: definition, pairs: { ...definition, partition: "eu" } } }));
    expect((await run({ deep: true, queues: file })).text).toMatch(/^wrong +eu: lost-player: player bob/m);
  });

  it("names every faulty option, and a Redis that isn't there", async () => {
    const { code, faults } = await run({
      redisUrl: "localhost",
      url: test.redis.url,
      partition: ["Main"],
      queues: join(folder, "none.json"),
    });
    expect([code, faults.length]).toEqual([78, 4]);
    expect(faults[0]).toContain("where Redis is says --redis-url");
    const away = await run({ redisUrl: "redis://127.0.0.1:1" });
    expect(away.code).toBe(1);
    expect(away.faults).toEqual([
      "Redis can't be reached or used at redis://127.0.0.1:1; --redis-url says where it is",
    ]);
  });
});
