import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openTestStore, type TestStore } from "../testing/index.ts";
import { SILENT_KEPT_MS } from "./service-beats.ts";
import { startBeats } from "./start-beats.ts";

let aheadMs = 0;
let test: TestStore;
beforeAll(async () => {
  test = await openTestStore({ now: () => Date.now() + aheadMs });
});
afterAll(() => test.stop());
beforeEach(async () => {
  aheadMs = 0;
  await test.raw.flushall();
});

const start = (name: string) =>
  startBeats({ store: test.store, name, role: "matchmaker", version: "1.2.3", figures: () => ({ searches: 7 }) });
const names = async () => (await test.store.readServices()).map((beat) => beat.name);

it("tells of a service what it is, how it does and what it holds", async () => {
  const beats = start("matchmaker-1");
  beats.holds(Array.from({ length: 30 }, (_, index) => `t_${index}`));
  beats.holds(["t_last"]);
  await expect
    .poll(async () => (await test.store.readServices())[0]?.holds, { timeout: 5_000 })
    .toMatchObject({ count: 31, ids: expect.arrayContaining(["t_last", "t_29"]) });
  const [beat] = await test.store.readServices();
  expect(beat).toMatchObject({ name: "matchmaker-1", version: "1.2.3", pid: process.pid, figures: { searches: 7 } });
  expect(beat?.holds.ids).toHaveLength(20);
  expect(beat?.load.rssMiB).toBeGreaterThan(10);
  await beats.close();
});

it("forgets at once who stops, and after ten minutes who fell silent", async () => {
  const stays = start("matchmaker-10");
  const stops = start("matchmaker-2");
  await expect.poll(names).toEqual(["matchmaker-2", "matchmaker-10"]);
  await stops.close();
  expect(await names()).toEqual(["matchmaker-10"]);
  await stays.close();
  const [dead] = [{ ...(await lastSaid("matchmaker-dead")) }];
  await test.store.writeBeat(dead);
  aheadMs = SILENT_KEPT_MS - 1_000;
  await test.store.writeBeat({ ...dead, name: "matchmaker-other" });
  expect(await names()).toEqual(["matchmaker-dead", "matchmaker-other"]);
  aheadMs = SILENT_KEPT_MS + 1_000;
  await test.store.writeBeat({ ...dead, name: "matchmaker-other" });
  expect(await names()).toEqual(["matchmaker-other"]);
});

it("leaves out what another version says otherwise", async () => {
  await test.raw.hset(test.store.keys.services, "other", JSON.stringify({ name: "other", mood: "fine" }));
  expect(await names()).toEqual([]);
});

const lastSaid = async (name: string) => {
  const beats = start(name);
  await expect.poll(names).toContain(name);
  const [beat] = await test.store.readServices();
  await beats.close();
  if (!beat) throw new Error("nothing was said");
  return beat;
};
