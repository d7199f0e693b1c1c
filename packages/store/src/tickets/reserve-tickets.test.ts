import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openTestStore, type TestStore } from "../testing/index.ts";

const clock = { time: 1_000_000, now: () => clock.time };
let test: TestStore;
beforeAll(async () => {
  test = await openTestStore(clock);
});
afterAll(() => test.stop());
beforeEach(() => test.raw.flushall());

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
  expect(await test.raw.pttl(test.store.keys.reserved)).toBeGreaterThan(0);
});

it("lets one of many at once have a ticket", async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => reserve(seen("a", "b"))));
  expect(answers.filter(([others]) => others?.length === 0)).toHaveLength(1);
});
