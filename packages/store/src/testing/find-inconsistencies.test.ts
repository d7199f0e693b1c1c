import { afterAll, beforeAll, expect, it } from "vitest";
import { findInconsistencies, openTestStore, sampleQueue, solo, type TestStore } from "./index.ts";

const COUNT = 40;

let test: TestStore;

beforeAll(async () => {
  test = await openTestStore();
});
afterAll(async () => {
  await test?.stop();
});

it("tells of each thing to one of those who share the look", async () => {
  const { raw } = test;
  const { keys } = test.store;
  const tickets = Array.from({ length: COUNT }, (_, n) => ({ id: `t_${n}`, request: solo(`p${n}`) }));
  await test.store.enqueueTickets(sampleQueue(), tickets);
  // Players, tickets and entries of indexes, each with something that is not there any more.
  await raw.del(...tickets.slice(0, 20).map(({ id }) => keys.ticket(id)));
  await raw.del(...Array.from({ length: 10 }, (_, n) => keys.playerState(`p${COUNT - 1 - n}`)));

  const isEven = (id: string) => id.charCodeAt(id.length - 1) % 2 === 0;
  const all = await findInconsistencies(raw, keys);
  const even = await findInconsistencies(raw, keys, isEven);
  const odd = await findInconsistencies(raw, keys, (id) => !isEven(id));
  expect(Math.min(even.length, odd.length)).toBeGreaterThan(10);
  expect([...even, ...odd].sort()).toEqual(all.sort());
});
