import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRealm, type TestRealm } from "../support/realm.ts";
import { inconsistenciesOf } from "../support/system.ts";

/** Queues with rules about attributes and regions, through the whole pipeline. */
const queue = {
  teams: { count: 2, size: 1 },
  maxPartySize: 1,
  retryEveryMs: 300,
  expireAfterMs: 60_000,
  matchLengthMs: 60_000,
  maxWaiting: 1_000,
};
const queuesFile = {
  regions: { "eu-west": { lat: 51.5, lon: -0.1 }, "us-east": { lat: 38.9, lon: -77 } },
  queues: {
    platform: {
      ...queue,
      steps: [{ fromTry: 0 }],
      rules: [
        { kind: "equal", attribute: "platform", missing: "refuse" },
        { kind: "avoid", attribute: "avoids" },
      ],
    },
    nearby: {
      ...queue,
      steps: [
        { fromTry: 0, maxLatencyMs: 60 },
        { fromTry: 4, maxLatencyMs: 200 },
      ],
    },
  },
};

let folder: string;
let system: RunningSystem;
let realm: TestRealm;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-rules-"));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(queuesFile));
  system = await startSystem({ queues });
  realm = await openRealm(system.url);
});
afterAll(async () => {
  await realm?.close();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const matchOf = (player: string) => realm.states.get(player)?.match ?? player;

it("players meet only where every rule holds for both", async () => {
  const enqueue = (id: string, platform: string, avoids: string[] = []) =>
    realm.client.enqueue("platform", { players: [{ id, elo: 1_000, attributes: { platform, avoids } }] });
  realm.client.watch(["pc-1", "pc-2", "pc-3", "console-1", "console-2"]);
  await enqueue("pc-1", "pc", ["pc-2"]);
  await enqueue("console-1", "console");
  await enqueue("pc-2", "pc");
  await enqueue("console-2", "console");
  await realm.until(["console-1", "console-2"], "inmatch");
  expect(matchOf("console-1")).toBe(matchOf("console-2"));
  // pc-1 avoids pc-2, so that both wait for somebody else.
  expect([realm.states.get("pc-1")?.state, realm.states.get("pc-2")?.state]).toEqual(["inqueue", "inqueue"]);
  await enqueue("pc-3", "pc");
  await expect.poll(() => realm.states.get("pc-3")?.state, { timeout: 5_000 }).toBe("inmatch");
  expect([matchOf("pc-1"), matchOf("pc-2")]).toContain(matchOf("pc-3"));
  expect(matchOf("pc-1")).not.toBe(matchOf("pc-2"));
});

it("a match is placed where the worst ping is lowest, and far players meet only when their limits have widened", async () => {
  const enqueue = (id: string, ping: { latencyMs?: Record<string, number>; position?: { lat: number; lon: number } }) =>
    realm.client.enqueue("nearby", { players: [{ id, elo: 1_000, ...ping }] });
  realm.client.watch(["london", "paris", "york", "boston"]);
  await enqueue("boston", { latencyMs: { "us-east": 20, "eu-west": 90 } });
  await enqueue("london", { latencyMs: { "us-east": 95, "eu-west": 10 } });
  // Its ping is estimated: 26 ms and 0.0195 per km, about 33 ms to London.
  await enqueue("paris", { position: { lat: 48.9, lon: 2.4 } });
  await realm.until(["london", "paris"], "inmatch");
  expect((await realm.client.getMatch(matchOf("london"))).region).toBe("eu-west");
  await enqueue("york", { latencyMs: { "us-east": 130, "eu-west": 12 } });
  await realm.until(["boston", "york"], "inmatch");
  const late = await realm.client.getMatch(matchOf("york"));
  expect(late.region).toBe("eu-west");
  // Its ticket keeps the tries that it took: the wider limit holds from the fourth on.
  const { ticket = "" } = realm.states.get("york") ?? {};
  expect((await realm.client.getTicket(ticket)).tries).toBeGreaterThanOrEqual(4);
  expect(await inconsistenciesOf(system)).toEqual([]);
});
