import { expect, it } from "vitest";
import { People } from "./people.ts";
import type { Person } from "./population.ts";

const person = (id: string): Person => ({
  id,
  elo: 1_000,
  avgPingMs: 30,
  position: { lat: 1, lon: 2 },
  latencyMs: { eu: 9 },
});

it("comes as each person once, then again under the same id when it is free, else with a suffix", () => {
  const people = new People([person("1"), person("2")], "run");
  const busy = new Set<string>();
  const next = () => people.next((id) => !busy.has(id)).id;
  expect([next(), next()]).toEqual(["run-1", "run-2"]);
  busy.add("run-2");
  expect([next(), next()]).toEqual(["run-1", "run-2.2"]);
  busy.add("run-2.2");
  expect([next(), next()]).toEqual(["run-1", "run-2.3"]);
  busy.delete("run-2.2");
  expect([next(), next()]).toEqual(["run-1", "run-2.2"]);
  busy.clear();
  expect([next(), next()]).toEqual(["run-1", "run-2"]);
});

it("hands over what a realm sends of a player", () => {
  expect(new People([person("1")], "run").next(() => true)).toEqual({
    id: "run-1",
    elo: 1_000,
    avgPingMs: 30,
    position: { lat: 1, lon: 2 },
    latencyMs: { eu: 9 },
  });
});
