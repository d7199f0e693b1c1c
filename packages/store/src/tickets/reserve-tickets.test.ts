import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openStore, type Store } from "../store.ts";
import { openTestStore, type TestStore } from "../testing/index.ts";

const clock = { time: 1_000_000, now: () => clock.time };
let test: TestStore;
let other: Store;
beforeAll(async () => {
  test = await openTestStore(clock);
  other = await openStore({ url: test.redis.url, partition: "main", name: "other", clock });
});
afterAll(async () => {
  await other.close();
  await test.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
  // What was taken before is free again.
  clock.time += 10_000;
});

const FOR_MS = 500;
const seen = (...ids: string[]) => ids.map((id) => ({ id, version: 1 }));
const reserve = async (...groups: { id: string; version: number }[][]) =>
  (await test.store.reserveTickets(groups, FOR_MS)).map((others) => others.map(({ id }) => id));

it("takes what nobody has, and tells what others have", async () => {
  expect(await reserve(seen("a", "b"), seen("c"))).toEqual([[], []]);
  expect(await reserve(seen("b", "x"), seen("c", "a"), seen("y"))).toEqual([["b"], ["c", "a"], []]);
});

it("takes nothing of a group of which another has a part", async () => {
  await reserve(seen("a"));
  await reserve(seen("a", "b"));
  expect(await reserve(seen("b"))).toEqual([[]]);
});

it("gives the groups of one call to each other no more than to others", async () => {
  expect(await reserve(seen("a", "b"), seen("b", "c"), seen("c"))).toEqual([[], ["b"], []]);
});

it("takes a ticket in another version for another one", async () => {
  await reserve(seen("a"));
  expect(await reserve([{ id: "a", version: 2 }])).toEqual([[]]);
});

it("frees them by time, and leaves nothing behind", async () => {
  await reserve(seen("a"));
  clock.time += FOR_MS - 1;
  expect(await reserve(seen("a"))).toEqual([["a"]]);
  clock.time += 1;
  expect(await reserve(seen("a"))).toEqual([[]]);
  expect(await test.raw.pttl(test.store.keys.proposed)).toBeGreaterThan(0);
});

it("keeps no two stores from what the other has not taken, and gives neither what the other has", async () => {
  await reserve(seen("a"), seen("b"));
  const groups = [seen("b", "c"), seen("c", "d")];
  expect(await other.reserveTickets(groups, FOR_MS)).toEqual([seen("b"), []]);
  expect(await reserve(seen("d"), seen("e"), seen("c"))).toEqual([["d"], [], ["c"]]);
});

it("keeps no more of what was taken than counts", async () => {
  const started = test.store.clock.now();
  for (let n = 0; n < 1_000; n++) {
    clock.time = started + n * FOR_MS;
    await test.store.reserveTickets([seen(`t_${n}`)], 0);
  }
  // What is older is trimmed a node of 100 entries at a time.
  expect(await test.raw.xlen(test.store.keys.proposed)).toBeLessThan(300);
});

it("lets one of many at once have a ticket", async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => reserve(seen("a", "b"))));
  expect(answers.filter(([others]) => others?.length === 0)).toHaveLength(1);
});
