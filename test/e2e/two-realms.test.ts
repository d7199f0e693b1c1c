import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openRealm, type TestRealm } from "../support/realm.ts";
import { inconsistenciesOf } from "../support/system.ts";

let system: RunningSystem;
let red: TestRealm;
let blue: TestRealm;

beforeAll(async () => {
  system = await startSystem();
  [red, blue] = await Promise.all([openRealm(system.url), openRealm(system.url)]);
});
afterAll(async () => {
  await Promise.all([red?.close(), blue?.close()]);
  await system?.stop();
});

const solo = (id: string, elo: number) => ({ players: [{ id, elo, avgPingMs: 30 }] });

describe("two realms, all processes apart, through nginx", () => {
  it("have their players matched with each other, and each is told of its own", async () => {
    const count = 40;
    // Each pair's elo fits only the pair, so that every match must join the two realms.
    const players = Array.from({ length: count }, (_, n) => ({ red: `red-${n}`, blue: `blue-${n}`, elo: n * 200 }));
    red.client.watch(players.map((pair) => pair.red));
    blue.client.watch(players.map((pair) => pair.blue));
    await Promise.all([
      red.client.enqueueBatch(
        "duel",
        players.map((pair) => solo(pair.red, pair.elo)),
      ),
      ...players.map((pair) => blue.client.enqueue("duel", solo(pair.blue, pair.elo + 1))),
    ]);
    await red.until(
      players.map((pair) => pair.red),
      "inmatch",
    );
    await blue.until(
      players.map((pair) => pair.blue),
      "inmatch",
    );
    for (const pair of players) {
      const match = red.states.get(pair.red)?.match ?? "";
      expect(blue.states.get(pair.blue)?.match).toBe(match);
      const { teams } = await blue.client.getMatch(match);
      expect(teams.flatMap((team) => team.players.map(({ id }) => id)).sort()).toEqual([pair.blue, pair.red]);
    }
    expect(red.told.every(({ player }) => player.startsWith("red-"))).toBe(true);
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("are served by both orchestrators, whichever nginx chooses", async () => {
    const served = new Set<string | null>();
    for (let call = 0; call < 20; call++) {
      const responses = await Promise.all([1, 2].map(() => fetch(`${system.url}/v1/queues/duel`)));
      for (const response of responses) {
        served.add(response.headers.get("x-muster-instance"));
        await response.arrayBuffer();
      }
    }
    expect([...served].sort()).toEqual(["orchestrator-1", "orchestrator-2"]);
  });

  it("have ten solo players matched into two even teams of five", async () => {
    const elos = [1_000, 1_010, 1_020, 1_030, 1_040, 1_050, 1_060, 1_070, 1_080, 1_090];
    const ids = elos.map((_, n) => `team-${n}`);
    red.client.watch(ids);
    for (const [n, id] of ids.entries()) {
      const client = n % 2 ? red.client : blue.client;
      await client.enqueue("team", solo(id, elos[n] ?? 0));
    }
    await red.until(ids, "inmatch");
    const match = await red.client.getMatch(red.states.get("team-0")?.match ?? "");
    expect(match.teams.map((team) => team.players.length)).toEqual([5, 5]);
    // The elos sum up to an odd number of tens, so that the best split leaves a gap of 10 / 5.
    expect(match.eloGap).toBe(2);
    await red.client.endMatch(match.id);
    await red.until(ids, "idle");
  });

  it("see a player wait, leave, and wait again, in the order of its versions", async () => {
    red.client.watch(["ann"]);
    await red.until(["ann"], "idle");
    const ticket = await red.client.enqueue("duel", solo("ann", 9_000));
    await red.until(["ann"], "inqueue");
    expect(await blue.client.cancelTicket(ticket.id)).toEqual({ outcome: "cancelled" });
    await red.until(["ann"], "idle");
    await blue.client.enqueue("duel", solo("ann", 9_000));
    await red.until(["ann"], "inqueue");
    const versions = red.told.filter(({ player }) => player === "ann").map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(versions).toHaveLength(4);
  });
});

describe("through nginx", () => {
  it("a body that is too large is a problem with a code, as from Muster itself", async () => {
    const response = await fetch(`${system.url}/v1/queues/duel/tickets`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ players: "x".repeat(300 * 1024) }),
    });
    expect(response.status).toBe(413);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "BODY_TOO_LARGE" });
  });

  it("a player's states come as server-sent events", async () => {
    const abort = new AbortController();
    const response = await fetch(`${system.url}/v1/players/sse-ann/events`, { signal: abort.signal });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const readUntil = async (part: string) => {
      while (!text.includes(part)) text += (await reader?.read())?.value ?? "";
    };
    await readUntil('"state":"idle"');
    await red.client.enqueue("duel", solo("sse-ann", 8_000));
    await readUntil('"state":"inqueue"');
    abort.abort();
    expect(text).toContain("event: state");
  });

  it("the monitor's page, the API's page and readiness are served", async () => {
    const page = await (await fetch(`${system.url}/`)).text();
    expect(page).toContain("Muster");
    expect((await fetch(`${system.url}/docs/`)).status).toBe(200);
    expect((await fetch(`${system.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${system.url}/openapi.json`)).json()).toMatchObject({ openapi: "3.1.0" });
  });
});
