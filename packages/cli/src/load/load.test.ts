import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { systemClock } from "@muster/core/service";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCommand } from "./command.ts";
import { type LoadProgress, runLoad } from "./load.ts";
import { LOAD_DEFAULTS, type LoadOptions } from "./options.ts";
import { addsUp, formatReport, isClean, type LoadReport } from "./report.ts";
import { type FakeOptions, startFakeMuster } from "./testing/fake-muster.ts";

const PEOPLE = 60;
let folder: string;
let population: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "load-"));
  population = join(folder, "population.csv");
  const rows = Array.from({ length: PEOPLE }, (_, n) => `${n},${1_000 + n},de,52.5,13.4,10,${20 + n},${n},`);
  await writeFile(population, ["player,elo,country,lat,lon,games,avgPingMs,eu,us", ...rows].join("\n"));
});
const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
  await rm(folder, { recursive: true });
});

const start = async (fake: FakeOptions = {}, load: Partial<LoadOptions> = {}) => {
  const muster = await startFakeMuster(fake);
  closers.push(muster.close);
  const options: LoadOptions = {
    ...LOAD_DEFAULTS,
    ...{ url: muster.url, population, seed: 7, rate: 200, forMs: 600, graceMs: 300, matchForMs: 50, cancelShare: 0 },
    ...load,
  };
  return { muster, options };
};

const expectClean = (report: LoadReport) => {
  expect(report.examples).toEqual([]);
  expect(isClean(report)).toBe(true);
  expect(addsUp(report)).toBe(true);
};

// Each run mostly waits, so they run side by side.
describe.concurrent("a load run", () => {
  it("accounts for every player, comes with the same people again, and leaves nobody behind", async () => {
    const { muster, options } = await start({}, { cancelShare: 0.3, forMs: 1_000, graceMs: 3_000 });
    const seen: LoadProgress[] = [];
    const report = await runLoad(options, { clock: systemClock, progress: (progress) => seen.push(progress) });
    expectClean(report);
    expect(report.arrived).toBeGreaterThan(100);
    expect(report.enqueued).toBe(report.arrived);
    expect(report.matched).toBeGreaterThan(report.arrived * 0.8);
    expect(report.matches).toBe(report.matched / 2);
    expect(report.eloGapSample).toBe(report.matches);
    expect(report.waitMs.p50).toBeTypeOf("number");
    expect(report.notifyMs.p99).toBeTypeOf("number");
    expect(report.eloGap.mean).toBeGreaterThan(0);
    expect(report.pingGapMs.p95).toBeGreaterThan(0);
    expect(muster.players().length).toBeLessThan(report.enqueued);
    expect(muster.players().every((player) => player.startsWith(`${report.run}-`))).toBe(true);
    expect([muster.waiting(), muster.openMatches()]).toEqual([0, 0]);
    expect(seen.at(0)?.phase).toBe("sending");
    expect(formatReport(report)).toContain("matched");
  });

  it("has people in one life at a time, also when more arrive at once than there are", async () => {
    const { muster, options } = await start({}, { rate: 4_000, forMs: 300 });
    const report = await runLoad(options, { clock: systemClock });
    expectClean(report);
    expect(report.enqueued).toBeGreaterThan(10 * PEOPLE);
    expect(muster.players().some((player) => player.endsWith(".3"))).toBe(true);
  });

  it("tells cancelled, expired and waiting apart", async () => {
    // Some for good: however slow the machine is, they wait at the end.
    const expireAfterMs = (ticket: number) => (ticket % 2 === 0 ? 200 : 60_000);
    const slow = { matchEveryMs: 50, teamSize: 1_000, expireAfterMs };
    const { muster, options } = await start(slow, { cancelShare: 0.5, forMs: 1_500, graceMs: 100 });
    const report = await runLoad(options, { clock: systemClock });
    expectClean(report);
    for (const outcome of ["cancelled", "expired", "waiting"] as const) expect(report[outcome]).toBeGreaterThan(5);
    expect(report.matched).toBe(0);
    expect(report.waitMs).toEqual({ p50: null, p90: null, p99: null });
    expect(muster.waiting()).toBe(0);
  });

  it("finds out what became of enqueues whose answer was lost", async () => {
    const { options } = await start({ loseAnswer: (batch) => batch % 2 === 0 });
    const report = await runLoad(options, { clock: systemClock });
    expectClean(report);
    expect(report.enqueued).toBe(report.arrived);
    expect(report.unanswered).toBe(0);
  });

  it("goes on when the watching connection breaks", async () => {
    const { muster, options } = await start({}, { forMs: 1_000 });
    const cutting = setInterval(muster.cutSockets, 150);
    closers.push(async () => clearInterval(cutting));
    const report = await runLoad(options, { clock: systemClock });
    expectClean(report);
    expect(report.reconnects).toBeGreaterThan(1);
  });

  it("samples the elo gap of larger teams from match records", async () => {
    const { options } = await start({ teamSize: 2 }, { queue: "team" });
    const report = await runLoad(options, { clock: systemClock });
    expectClean(report);
    expect(report.eloGapSample).toBeGreaterThan(5);
    expect(report.eloGap.mean).toBeGreaterThan(0);
  });

  it("names lost players", async () => {
    const { options } = await start({ loseTicket: (ticket) => ticket % 10 === 0 });
    const report = await runLoad(options, { clock: systemClock });
    expect(addsUp(report)).toBe(true);
    expect(report.lost).toBe(Math.floor(report.enqueued / 10));
    expect(isClean(report)).toBe(false);
    expect(formatReport(report)).toMatch(/lost: ticket t10 of \S+, last seen never/);
  });

  it("names players in two matches", async () => {
    const { options } = await start({ duplicate: (match) => match === 3 });
    const report = await runLoad(options, { clock: systemClock });
    expect(report.duplicates).toBe(1);
    expect(isClean(report)).toBe(false);
    expect(formatReport(report)).toMatch(/duplicate: \S+ is in match m3 and in match m3b/);
  });

  it("stops early when asked to, and reports what was sent", async () => {
    const { options } = await start({}, { forMs: 600_000 });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const report = await runLoad(options, { clock: systemClock, signal: stop.signal });
    expectClean(report);
    expect(report.interrupted).toBe(true);
    expect(report.seconds).toBeLessThan(5);
    expect(report.enqueued).toBeGreaterThan(0);
  });
});

describe.concurrent("the command", () => {
  const run = async (raw: Parameters<typeof loadCommand>[0]) => {
    const out = new PassThrough();
    const err = new PassThrough();
    const code = await loadCommand(raw, { clock: systemClock, out, err });
    return { code, out: String(out.read() ?? ""), err: String(err.read() ?? "") };
  };

  it("writes the report as JSON and ends with 0", async () => {
    const { options } = await start();
    const json = join(folder, "report.json");
    const { url } = options;
    const result = await run({ url, population, json, for: "400ms", grace: "300ms", matchFor: "50ms", rate: "100" });
    expect(result).toMatchObject({ code: 0, err: "" });
    expect(result.out).toContain("enqueued");
    const report = JSON.parse(await readFile(json, "utf8"));
    expect(report).toMatchObject({ lost: 0, duplicates: 0, queue: "duel", rate: 100 });
    for (const name of ["enqueued", "matched", "cancelled", "expired", "waiting"])
      expect(report[name]).toBeTypeOf("number");
    expect(Object.keys(report.waitMs)).toEqual(["p50", "p90", "p99"]);
    expect(Object.keys(report.notifyMs)).toEqual(["p50", "p99"]);
    expect(Object.keys(report.eloGap)).toEqual(["mean", "p95"]);
  });

  it("gives a program the report alone, and people theirs beside it", async () => {
    const { options } = await start();
    const result = await run({ url: options.url, population, json: true, for: "200ms", grace: "300ms", rate: "100" });
    expect(result.code).toBe(0);
    expect(JSON.parse(result.out)).toMatchObject({ lost: 0, queue: "duel" });
    expect(result.err).toContain("enqueued");
  });

  it("ends with 1 when something is lost", async () => {
    const { options } = await start({ loseTicket: (ticket) => ticket === 1 });
    const result = await run({ url: options.url, population, for: "100ms", grace: "10ms", rate: "100" });
    expect(result.code).toBe(1);
    expect(result.out).toContain("must be 0");
  });

  it("names every option that can't be used, and ends with 78", async () => {
    const raw = {
      url: "ftp://x",
      queue: "No",
      rate: "-5",
      for: "60",
      cancel: "2",
      seed: "x",
      json: "/no/such/folder/f",
    };
    const { code, err } = await run({ ...raw, grace: "soon", matchFor: "1y" });
    expect(code).toBe(78);
    const named = err
      .trim()
      .split("\n")
      .map((line) => line.split(":")[0]);
    const all = ["--url", "--queue", "--rate", "--for", "--cancel", "--grace", "--match-for", "--seed", "--json"];
    expect(named).toEqual(all);
  });

  it("names a queue that isn't there, and a population that isn't", async () => {
    const { options } = await start();
    const { url } = options;
    const queue = await run({ url, population, queue: "chess" });
    expect(queue).toMatchObject({ code: 78, err: '--queue: There is no queue "chess". The queues are: duel, team.\n' });
    const people = await run({ url, population: join(folder, "nobody.csv") });
    expect(people.code).toBe(78);
    expect(people.err).toContain("--population: there is no file");
  });

  it("says in one line that there is no Muster, and how to start one", async () => {
    const { code, err } = await run({ url: "http://127.0.0.1:1", population });
    expect(code).toBe(1);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(err).toContain("http://127.0.0.1:1");
    expect(err).toContain("npm start");
  });
});
