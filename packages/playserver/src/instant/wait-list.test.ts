import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { systemIds } from "@muster/core/service";
import type { WaitingUser } from "@muster/store";
import { expect, it } from "vitest";
import { mayMeet, WaitList } from "./wait-list.ts";

const profile = {
  user_data: { style: "casual", about: "plays in the evening, likes long games" },
  user_preferences: { style: { oneOf: ["casual"] } },
};
const waiting = (user: string, changes: Partial<WaitingUser> = {}): WaitingUser => ({
  ...{ user, ticket: `t_${user}`, alias: `a_${user}`, version: 1, room: `r_${user}`, since: 1, ...profile },
  ...changes,
});

it("finds who waits by alias, in full, and nobody once that is gone", () => {
  const list = new WaitList();
  list.add(waiting("ann", { avoid: { bob: 9 } }));
  const { since: _, version: __, ...found } = waiting("ann", { avoid: { bob: 9 } });
  expect(list.find("a_ann")).toEqual(found);
  list.delete("a_ann");
  list.delete("a_ann");
  expect(list.find("a_ann")).toBeUndefined();
  expect([list.size, list.known.size]).toEqual([0, 0]);
});

it("takes the same entry once, and another alias of a ticket in place of the one before", () => {
  const list = new WaitList();
  expect(list.add(waiting("ann"))).toBeDefined();
  expect(list.add(waiting("ann"))).toBeUndefined();
  expect(list.add(waiting("ann", { alias: "new", version: 2 }))).toBeDefined();
  expect(list.find("a_ann")).toBeUndefined();
  // What was read before the change, and is told after it.
  expect(list.add(waiting("ann"))).toBeUndefined();
  list.delete("a_ann");
  expect([list.size, [...list.known]]).toEqual([1, [["t_ann", { alias: "new", version: 2 }]]]);
});

it("writes nothing for others that leads to the user", () => {
  const listed = new WaitList().add(waiting("ann", { avoid: { bob: 9 } }));
  expect(JSON.parse(listed?.item.json ?? "")).toEqual({ alias: "a_ann", random_room_string: "r_ann", ...profile });
});

it.each([
  [{ user: "ann" }, { user: "bob" }, true],
  [{ user: "ann" }, { user: "ann" }, false],
  [{ user: "ann", avoid: { bob: 11 } }, { user: "bob" }, false],
  [{ user: "bob" }, { user: "ann", avoid: { cat: 11, bob: 11 } }, false],
  [{ user: "ann", avoid: { bob: 10 } }, { user: "bob", avoid: { ann: 9 } }, true],
])("%j and %j may meet at 10 ms: %s", (one, other, expected) => {
  expect(mayMeet(one, other, 10)).toBe(expected);
});

it("takes less than 1 KiB for each user, beside its profile", () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const users = 20_000;
  const list = new WaitList();
  const before = heap();
  for (let n = 0; n < users; n++) {
    const fresh = waiting(`user-${n}`, {
      ticket: systemIds.ticket(),
      alias: systemIds.token(),
      room: systemIds.token(),
    });
    // As it comes over the wire: nothing is shared.
    list.add(JSON.parse(JSON.stringify(fresh)));
  }
  const bytes = (heap() - before) / users;
  expect(list.size).toBe(users);
  expect(bytes - JSON.stringify(profile).length).toBeLessThan(1_024);
});
