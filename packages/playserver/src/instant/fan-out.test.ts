import type { WaitlistEntry } from "@muster/core";
import type { WaitingUser } from "@muster/store";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { seededRandom } from "../testing/seeded-random.ts";
import { FanOut, type Receiver, WALK_EVERY_MS, WALK_STEP } from "./fan-out.ts";
import { WaitList } from "./wait-list.ts";

class User implements Receiver {
  waiting: WaitingUser | undefined;
  readonly frames: WaitlistEntry[][] = [];
  constructor(name: string, changes: Partial<WaitingUser> = {}) {
    this.waiting = {
      ...{ user: name, ticket: `t_${name}`, alias: `a_${name}`, version: 1, room: "", since: 0 },
      ...nothing,
      ...changes,
    };
  }
  tell(text: string): void {
    this.frames.push(JSON.parse(text).data);
  }
  get told(): string[] {
    return this.frames.flat().map(({ alias }) => alias);
  }
}
const nothing = { user_data: {}, user_preferences: {} };

let list: WaitList;
let fanOut: FanOut;
let now = 0;
const begin = (most: number, sample: number) => {
  now = 0;
  list = new WaitList();
  fanOut = new FanOut({ list, clock: { now: () => now }, random: seededRandom(), fanOut: most, sample });
};
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  fanOut.close();
  vi.useRealTimers();
});

/** One who waits here, or, as `elsewhere`, at another playserver. */
const come = (user: User, elsewhere = false) => {
  if (!elsewhere) fanOut.join(user);
  const listed = user.waiting && list.add(user.waiting);
  if (listed) fanOut.newcomer(listed);
  return user;
};
const crowd = (count: number, name = "u") => Array.from({ length: count }, (_, n) => come(new User(`${name}${n}`)));

it("tells all of all, in one frame for each tick, when there are few", () => {
  begin(100, 100);
  const users = crowd(10);
  fanOut.tick();
  fanOut.tick();
  for (const user of users) {
    expect(user.frames).toHaveLength(1);
    expect(new Set(user.told)).toEqual(
      new Set(users.filter((each) => each !== user).map((each) => `a_${each.waiting?.user}`)),
    );
  }
});

it("tells of a newcomer at most fanOut users at once, the longest waiting and some by chance", () => {
  begin(20, 1);
  const users = crowd(500);
  fanOut.tick();
  come(new User("new"));
  for (const user of users) user.frames.length = 0;
  come(new User("newest"));
  fanOut.tick();
  const told = users.flatMap((user, n) => (user.told.includes("a_newest") ? [n] : []));
  expect(told.length).toBeLessThanOrEqual(20);
  // The very longest waiting one was told to the newcomer.
  expect(told.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(Math.max(...told)).toBeGreaterThan(100);
});

it("tells a newcomer and one who fits of each other with the probability that is stated", () => {
  const [fanOutMost, sample, share] = [30, 10, 0.05];
  begin(fanOutMost, sample);
  const users = crowd(300);
  fanOut.tick();
  const random = seededRandom();
  let [found, newcomers] = [0, 0];
  for (; newcomers < 1_000; newcomers++) {
    for (const user of users) user.frames.length = 0;
    const newcomer = come(new User(`new${newcomers}`));
    fanOut.tick();
    const told = users.filter(
      (user) => user.told.includes(`a_new${newcomers}`) || newcomer.told.includes(user.waiting?.alias ?? ""),
    );
    expect(told).toHaveLength(fanOutMost + sample);
    if (told.some(() => random.next() < share)) found += 1;
    fanOut.leave(newcomer);
    list.delete(`a_new${newcomers}`);
  }
  const stated = 1 - (1 - share) ** (fanOutMost + sample);
  // Three standard errors of so many tries.
  expect(Math.abs(found / newcomers - stated)).toBeLessThan(3 * Math.sqrt((stated * (1 - stated)) / newcomers));
});

it("tells all who wait when no more do than may be told", () => {
  begin(30, 10);
  const users = crowd(36);
  fanOut.tick();
  for (const user of users) user.frames.length = 0;
  const newcomer = come(new User("new"));
  fanOut.tick();
  const told = users.filter((user) => user.told.includes("a_new") || newcomer.told.includes(user.waiting?.alias ?? ""));
  expect(told).toHaveLength(36);
});

it("tells partners of each other once neither avoids the other any more, if both still wait", () => {
  begin(100, 100);
  now = 1_000;
  const [ann, bob] = [come(new User("ann", { avoid: { bob: 2_000, cat: 2_000 } })), come(new User("bob"))];
  const cat = come(new User("cat"));
  fanOut.walk();
  fanOut.tick();
  expect(ann.told).toEqual([]);
  fanOut.leave(cat);
  list.delete("a_cat");
  now = 2_000;
  fanOut.walk();
  fanOut.tick();
  expect([ann.told, bob.told]).toEqual([["a_bob"], ["a_cat", "a_ann"]]);
  fanOut.walk();
  fanOut.tick();
  expect([ann.told, bob.told]).toEqual([["a_bob"], ["a_cat", "a_ann"]]);
});

it("shares the cap with other playservers by how many wait at each", () => {
  begin(20, 1);
  const here = crowd(100);
  for (let n = 0; n < 300; n++) come(new User(`e${n}`), true);
  fanOut.tick();
  for (const user of here) user.frames.length = 0;
  come(new User("newest"), true);
  fanOut.tick();
  expect(here.filter((user) => user.told.includes("a_newest")).length).toBeLessThanOrEqual(6);
});

it("tells a newcomer of the longest waiting first, and of all in steps", () => {
  begin(5, 10);
  crowd(200);
  fanOut.tick();
  const late = come(new User("late"));
  fanOut.tick();
  expect(late.frames[0]?.map(({ alias }) => alias)).toEqual(Array.from({ length: 10 }, (_, n) => `a_u${n}`));
  for (let step = 0; step < 190 / WALK_STEP + 1; step++) {
    fanOut.walk();
    fanOut.tick();
    expect(late.frames.at(-1)?.length).toBeLessThanOrEqual(WALK_STEP);
  }
  expect(new Set(late.told).size).toBe(200);
});

it("misses no pair for good, however small the cap", () => {
  begin(3, 2);
  const users = crowd(150);
  vi.advanceTimersByTime((150 / WALK_STEP + 2) * WALK_EVERY_MS);
  for (const [n, user] of users.entries()) {
    for (const other of users.slice(n + 1)) {
      const met = user.told.includes(other.waiting?.alias ?? "") || other.told.includes(user.waiting?.alias ?? "");
      expect(met).toBe(true);
    }
  }
});

it("has nothing more to say once all were told", () => {
  begin(3, 2);
  const users = crowd(60);
  vi.advanceTimersByTime(20 * WALK_EVERY_MS);
  for (const user of users) user.frames.length = 0;
  vi.advanceTimersByTime(20 * WALK_EVERY_MS);
  expect(users.flatMap((user) => user.frames)).toEqual([]);
});

it("tells nobody of itself, of one who left, or of a partner whom one of them avoids", () => {
  begin(100, 100);
  const [ann, bob, cat] = [new User("ann", { avoid: { bob: 1 } }), new User("bob"), new User("cat")];
  for (const user of [ann, bob, cat]) come(user);
  fanOut.tick();
  expect(ann.told).toEqual(["a_cat"]);
  expect(bob.told).toEqual(["a_cat"]);
  expect(new Set(cat.told)).toEqual(new Set(["a_ann", "a_bob"]));
  fanOut.leave(cat);
  list.delete("a_bob");
  const dan = come(new User("dan"));
  fanOut.tick();
  expect(cat.told).not.toContain("a_dan");
  expect(new Set(dan.told)).toEqual(new Set(["a_ann", "a_cat"]));
});

it("knows who waits for one user only, and tells nobody of it", () => {
  begin(100, 100);
  const ann = come(new User("ann"));
  come(new User("bob", { again: "m_1" }));
  fanOut.tick();
  expect(ann.told).toEqual([]);
  expect(list.known.get("t_bob")).toEqual({ alias: "a_bob", version: 1 });
  list.delete("a_bob");
  expect(list.known.has("t_bob")).toBe(false);
});
