import { setTimeout as sleep } from "node:timers/promises";
import { startTestPostgres, type TestPostgres } from "@muster/archiver/testing";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventsOf, ticketsByStatus } from "../support/records.ts";
import { faultsOf, loadFor, NO_FAULTS, processNamed } from "../support/system.ts";

let postgres: TestPostgres;
let system: RunningSystem;
beforeAll(async () => {
  postgres = await startTestPostgres();
  system = await startSystem({ databaseUrl: postgres.url });
});
afterAll(async () => {
  await system?.stop();
  await postgres?.stop();
});

/** What the archive lacks, or has too much, of what Redis says ended. */
const differences = async (): Promise<string[]> => {
  const { queued: _waiting, ...ended } = Object.fromEntries(await ticketsByStatus(system));
  const tickets = Object.entries(ended).flatMap(([status, ids = []]) => ids.map((id) => `ticket ${id} ${status}`));
  const matches = (await eventsOf(system, ["ended"])).map(({ event }) => `match ${"match" in event && event.match}`);
  const archived = [
    ...(await postgres.query("SELECT 'ticket ' || id || ' ' || status AS it FROM tickets")),
    ...(await postgres.query("SELECT 'match ' || id AS it FROM sessions")),
  ].map(({ it }) => String(it));
  const [are, should] = [new Set(archived), new Set([...tickets, ...matches])];
  return [
    ...[...should].filter((it) => !are.has(it)).map((it) => `lacks ${it}`),
    ...[...are].filter((it) => !should.has(it)).map((it) => `invents ${it}`),
    ...(archived.length > are.size ? ["has rows twice"] : []),
  ];
};

describe("the archive", () => {
  it("holds everything that ended, once, though its process is killed in the middle", async () => {
    const running = loadFor(system, 4_000);
    for (let kill = 0; kill < 2; kill++) {
      // In the middle: some events are archived, others wait.
      await sleep(1_500);
      expect(processNamed(system, "archiver-1").kill("SIGKILL")).toBe(true);
      await system.ready();
    }
    const report = await running;
    expect(faultsOf(report)).toEqual(NO_FAULTS);
    await expect.poll(differences, { timeout: 30_000, interval: 500 }).toEqual([]);
    const [row] = await postgres.query(`
      SELECT (SELECT count(*) FROM sessions) > 50 AS sessions,
        (SELECT count(*) FROM session_players) = (SELECT sum(s) FROM sessions, unnest(team_sizes) AS s) AS players,
        (SELECT count(*) FROM tickets WHERE players IS NULL) AS incomplete,
        (SELECT missed FROM archive_progress) AS missed`);
    expect(row).toEqual({ sessions: true, players: true, incomplete: "0", missed: "0" });
  }, 120_000);
});
