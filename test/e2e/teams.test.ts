import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaderOf, type RunningSystem, startSystem } from "@muster/cli";
import type { Match, TicketRequest } from "@muster/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRealm, type TestRealm } from "../support/realm.ts";
import { inconsistenciesOf } from "../support/system.ts";

/** Parties, roles, named teams, sessions and backfill, through the whole pipeline. */
const queue = {
  steps: [{ fromTry: 0 }],
  retryEveryMs: 200,
  expireAfterMs: 60_000,
  matchLengthMs: 60_000,
  maxWaiting: 1_000,
};
const queuesFile = {
  queues: {
    party: {
      ...queue,
      teams: { count: 2, size: 3 },
      maxPartySize: 3,
      steps: [
        { fromTry: 0, premade: "like" },
        { fromTry: 100, premade: "any" },
      ],
    },
    trinity: { ...queue, teams: { count: 2, size: 3, roles: { tank: 1, healer: 1, dps: 1 } }, maxPartySize: 2 },
    hunt: {
      ...queue,
      teams: [
        { name: "hunter", size: 1 },
        { name: "prey", size: 2 },
      ],
      maxPartySize: 2,
    },
    lobby: { ...queue, teams: { count: 1, size: 5, minSize: 2 }, maxPartySize: 2, backfill: true },
    patient: {
      ...queue,
      teams: { count: 2, size: 1 },
      maxPartySize: 1,
      steps: [
        { afterMs: 0, eloSpread: 10 },
        { afterMs: 1_500, eloSpread: 500 },
      ],
    },
  },
};

let folder: string;
let system: RunningSystem;
/** Two realms: each enqueues and watches through connections of its own. */
let realm: TestRealm;
let other: TestRealm;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-teams-"));
  const queues = join(folder, "queues.json");
  await writeFile(queues, JSON.stringify(queuesFile));
  system = await startSystem({ queues });
  [realm, other] = await Promise.all([openRealm(system.url), openRealm(system.url)]);
});
afterAll(async () => {
  await realm?.close();
  await other?.close();
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const players = (...ids: string[]): TicketRequest => ({ players: ids.map((id) => ({ id, elo: 1_000 })) });
const enqueue = (name: string, request: TicketRequest, at = realm) => {
  at.client.watch(request.players.map(({ id }) => id));
  return at.client.enqueue(name, request);
};
const matchOf = (player: string, at = realm): Promise<Match> => at.client.getMatch(at.states.get(player)?.match ?? "");
const idsOf = ({ teams }: Match): string[][] => teams.map((team) => team.players.map(({ id }) => id).sort());

describe("a queue with parties", () => {
  it("keeps each party in one team, and lets like meet like", async () => {
    await enqueue("party", players("trio-1", "trio-2", "trio-3"));
    for (const id of ["solo-1", "solo-2", "solo-3"]) await enqueue("party", players(id), other);
    await enqueue("party", players("duo-1", "duo-2"));
    await enqueue("party", players("three-1", "three-2", "three-3"), other);
    await realm.until(["trio-1", "trio-2", "trio-3"], "inmatch");
    await other.until(["three-1", "three-2", "three-3"], "inmatch");
    expect(idsOf(await matchOf("trio-1")).sort()).toEqual([
      ["three-1", "three-2", "three-3"],
      ["trio-1", "trio-2", "trio-3"],
    ]);
    // A pair and three solo players are no two like teams.
    expect(realm.states.get("duo-1")?.state).toBe("inqueue");
    await enqueue("party", players("pair-1", "pair-2"), other);
    await realm.until(["duo-1", "duo-2"], "inmatch");
    await other.until(["pair-1", "pair-2"], "inmatch");
    const teams = idsOf(await matchOf("duo-1"));
    expect(teams.find((team) => team.includes("duo-1"))).toContain("duo-2");
    expect(teams.find((team) => team.includes("pair-1"))).not.toContain("duo-1");
  });
});

describe("a queue with roles", () => {
  it("gives each team all of its roles, first choices first", async () => {
    const as = (id: string, ...roles: string[]) => ({ players: [{ id, elo: 1_000, roles }] });
    await enqueue("trinity", as("tank-1", "tank"));
    await enqueue("trinity", as("tank-2", "tank"), other);
    await enqueue("trinity", as("tank-3", "tank"));
    await enqueue("trinity", { players: [...as("healer-1", "healer").players, ...as("dps-1", "dps").players] });
    await enqueue("trinity", as("flex", "dps", "healer"), other);
    await enqueue("trinity", as("healer-2", "healer"), other);
    await realm.until(["healer-1", "dps-1"], "inmatch");
    const { teams } = await matchOf("healer-1");
    for (const team of teams) expect(team.players.map(({ role }) => role).sort()).toEqual(["dps", "healer", "tank"]);
    const roles = new Map(teams.flatMap((team) => team.players.map(({ id, role }) => [id, role])));
    expect(roles.get("flex")).toBe("dps");
    const together = teams.find((team) => team.players.some(({ id }) => id === "healer-1"));
    expect(together?.players.map(({ id }) => id)).toContain("dps-1");

    // Of those who wait, the match takes in who plays the role that it lost.
    await other.client.requestBackfill((await matchOf("healer-1")).id, { lost: ["healer-2"] });
    const dps = await enqueue("trinity", as("dps-2", "dps"));
    await enqueue("trinity", as("healer-3", "healer"));
    await realm.until(["healer-3"], "inmatch");
    const filled = await matchOf("healer-3");
    for (const team of filled.teams) {
      expect(team.players.map(({ role }) => role).sort()).toEqual(["dps", "healer", "tank"]);
    }
    expect((await realm.client.getTicket(dps.id)).status).toBe("queued");
  });
});

describe("a queue that widens with the time waited", () => {
  it("lets far players meet after that time, not before", async () => {
    const far = (id: string, elo: number) => ({ players: [{ id, elo }] });
    const first = await enqueue("patient", far("low", 1_000));
    await enqueue("patient", far("high", 1_300), other);
    await realm.until(["low"], "inmatch");
    const { createdAt } = await matchOf("low");
    expect(createdAt - first.createdAt).toBeGreaterThanOrEqual(1_500);
  });
});

describe("a session queue", () => {
  it("begins with two, takes in who comes, and begins another when it is full", async () => {
    await enqueue("lobby", players("p1"));
    await enqueue("lobby", players("p2"), other);
    await realm.until(["p1"], "inmatch");
    await other.until(["p2"], "inmatch");
    const begun = await matchOf("p1");
    expect(begun).toMatchObject({ state: "open", teams: [{ open: 3 }] });
    await enqueue("lobby", players("p3", "p4"));
    await realm.until(["p3", "p4"], "inmatch");
    await enqueue("lobby", players("p5"), other);
    await other.until(["p5"], "inmatch");
    const full = await matchOf("p5", other);
    expect([full.id, full.state]).toEqual([begun.id, "live"]);
    expect(idsOf(full)).toEqual([["p1", "p2", "p3", "p4", "p5"]]);
    await enqueue("lobby", players("p6"));
    await enqueue("lobby", players("p7"), other);
    await realm.until(["p6"], "inmatch");
    expect((await matchOf("p6")).id).not.toBe(begun.id);
    await Promise.all([begun.id, (await matchOf("p6")).id].map((id) => realm.client.endMatch(id)));
    await realm.until(["p1", "p3", "p4", "p6"], "idle");
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("takes no place twice and loses nobody when the leading mover is killed amid joins", async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `rush-${index}`);
    realm.client.watch(ids);
    const sending = ids.map((id) => realm.client.enqueue("lobby", players(id)));
    await expect.poll(async () => (await leaderOf(system.processes))?.kill("SIGKILL")).toBe(true);
    await Promise.all(sending);
    await realm.until(ids, "inmatch", 20_000);
    const matches = await Promise.all(
      [...new Set(ids.map((id) => realm.states.get(id)?.match ?? ""))].map((id) => realm.client.getMatch(id)),
    );
    for (const { teams } of matches) {
      expect((teams[0]?.players.length ?? 0) + (teams[0]?.open ?? 0)).toBeLessThanOrEqual(5);
    }
    expect(matches.flatMap((match) => idsOf(match).flat()).sort()).toEqual([...ids].sort());
    expect(await inconsistenciesOf(system)).toEqual([]);
  });
});

describe("backfill", () => {
  it("puts a waiting player in the place, and the team, that a realm's match lost; the lost one may queue again", async () => {
    const wanting = (team: string, ...ids: string[]) => ({ ...players(...ids), teams: [team] });
    await enqueue("hunt", wanting("hunter", "hunter-1"));
    await enqueue("hunt", wanting("prey", "prey-1"));
    await enqueue("hunt", wanting("prey", "prey-2"), other);
    await realm.until(["hunter-1", "prey-1"], "inmatch");
    const { id } = await matchOf("hunter-1");
    const waiting = await enqueue("hunt", wanting("hunter", "hunter-2"), other);
    const asked = await realm.client.requestBackfill(id, { lost: ["prey-2"] });
    expect(asked).toMatchObject({ state: "open", left: [{ id: "prey-2", team: "prey" }] });
    await other.until(["prey-2"], "idle");
    await enqueue("hunt", wanting("prey", "prey-3"));
    await realm.until(["prey-3"], "inmatch");
    const filled = await matchOf("prey-3");
    expect([filled.id, filled.state]).toEqual([id, "live"]);
    expect(idsOf(filled)).toEqual([["hunter-1"], ["prey-1", "prey-3"]]);
    await enqueue("hunt", wanting("prey", "prey-2"), other);
    // Its place was for prey.
    expect((await other.client.getTicket(waiting.id)).status).toBe("queued");
    expect(await inconsistenciesOf(system)).toEqual([]);
  });
});
