import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startTestPostgres, type TestPostgres } from "@muster/archiver/testing";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRealm } from "../support/realm.ts";
import { eventsOf, ticketsByStatus } from "../support/records.ts";
import { faultsOf, loadFor, NO_FAULTS, processNamed } from "../support/system.ts";

const plain = {
  ...{ teams: { count: 2, size: 1 }, maxPartySize: 1, steps: [{ fromTry: 0 }], retryEveryMs: 200 },
  ...{ expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 10_000 },
};

let folder: string;
let postgres: TestPostgres;
let system: RunningSystem;
beforeAll(async () => {
  postgres = await startTestPostgres();
  folder = await mkdtemp(join(tmpdir(), "muster-archive-"));
  const queues = join(folder, "queues.json");
  await writeFile(
    queues,
    JSON.stringify({ queues: { duel: plain, hall: { ...plain, session: { joinWithinMs: 2_000 } } } }),
  );
  system = await startSystem({ databaseUrl: postgres.url, queues });
});
afterAll(async () => {
  await system?.stop();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the archive lacks, or has too much, of what Redis says ended. */
const differences = async (): Promise<string[]> => {
  const { queued: _waiting, ...ended } = Object.fromEntries(await ticketsByStatus(system));
  const tickets = Object.entries(ended).flatMap(([status, ids = []]) => ids.map((id) => `ticket ${id} ${status}`));
  const matches = (await eventsOf(system, ["ended", "dissolved"])).map(
    ({ event }) => `match ${"match" in event && event.match}`,
  );
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

  it("tells of sessions who came, which never began and why, and how one went that had ended before", async () => {
    const realm = await openRealm(system.url);
    const { client } = realm;
    const matched = async (...players: string[]) => {
      client.watch(players);
      for (const id of players) await client.enqueue("hall", { players: [{ id, elo: 1_000 }] });
      await realm.until(players, "inmatch");
      return realm.states.get(players[0] ?? "")?.match ?? "";
    };
    const played = await matched("ann", "bob");
    for (const player of ["ann", "bob"]) await client.joinMatch(played, player);
    for (const player of ["ann", "bob"]) await client.leaveMatch(played, player);
    await client.endMatch(played, { ann: 3, bob: 1 });
    const broken = await matched("cat", "dan");
    await client.joinMatch(broken, "cat");
    await realm.until(["dan"], "idle");
    await client.cancelTicket(realm.states.get("cat")?.ticket ?? "");
    await expect.poll(differences, { timeout: 30_000, interval: 500 }).toEqual([]);
    const rows = () =>
      postgres.query(`
      SELECT player_id AS player, presence, score, started_at IS NULL AS never, dissolved, tickets.reason
      FROM sessions JOIN session_players ON session_id = sessions.id
        LEFT JOIN tickets ON tickets.id = ticket_id AND tickets.status = 'cancelled'
      WHERE sessions.id IN ('${played}', '${broken}') ORDER BY 1`);
    const begun = { presence: "LEFT", never: false, dissolved: null, reason: null };
    const dissolved = { score: null, never: true, dissolved: "tooFew" };
    await expect.poll(rows, { timeout: 10_000 }).toEqual([
      { player: "ann", ...begun, score: 3 },
      { player: "bob", ...begun, score: 1 },
      { player: "cat", ...dissolved, presence: "ATTENDED", reason: null },
      { player: "dan", ...dissolved, presence: "LEFT", reason: "noShow" },
    ]);
    await realm.close();
  }, 60_000);
});
