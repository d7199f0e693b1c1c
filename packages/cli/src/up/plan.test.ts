import { expect, it } from "vitest";
import { planServices } from "./plan.ts";

it("has webhooks and the archiver only where they are asked for", () => {
  const counts = { orchestrators: 1, sweepers: 0, matchmakers: 0, movers: 0, playservers: 1 };
  const rolesOf = (more: object) => planServices({ ...counts, ...more }, 0).map(({ role }) => role);
  expect(rolesOf({})).toEqual(["orchestrator", "playserver", "monitor"]);
  expect(rolesOf({ webhooks: 1, archivers: 1 }).slice(3)).toEqual(["webhooks", "archiver"]);
});

it("gives every service a name and a port of its own", () => {
  const counts = { orchestrators: 2, sweepers: 1, matchmakers: 0, movers: 1, playservers: 1 };
  expect(planServices(counts, 7400)).toEqual([
    { role: "orchestrator", name: "orchestrator-1", port: 7400 },
    { role: "orchestrator", name: "orchestrator-2", port: 7401 },
    { role: "sweeper", name: "sweeper-1", port: 7402 },
    { role: "mover", name: "mover-1", port: 7403 },
    { role: "playserver", name: "playserver-1", port: 7404 },
    { role: "monitor", name: "monitor-1", port: 7405 },
  ]);
});
