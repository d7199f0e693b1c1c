import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { simulateCommand } from "./command.ts";
import type { RawSimulateOptions } from "./options.ts";
import { sampleDefinition, samplePeople } from "./testing/sample.ts";

const HOSTILE = `</pre><script>alert("1 & 2")</script>`;
let folder: string;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulate-"));
  const queue = sampleDefinition();
  const wider = { ...queue, steps: [{ fromTry: 0, eloSpread: 500 }], title: HOSTILE };
  const raid = {
    ...queue,
    teams: { count: 2, size: 3, minSize: 2, roles: { tank: 1, dps: 2 } },
    ...{ maxPartySize: 2, backfill: true, steps: [{ fromTry: 0, premade: "mixed" }] },
  };
  const rows = samplePeople(2_000).map(
    ({ id, elo, avgPingMs, latencyMs }) => `${id},${elo},de,50,10,9,${avgPingMs},${latencyMs?.eu},${latencyMs?.us}`,
  );
  await Promise.all([
    writeFile(file("people.csv"), ["player,elo,country,lat,lon,games,avgPingMs,eu,us", ...rows].join("\n")),
    writeFile(
      file("queues.json"),
      JSON.stringify({ queues: { duel: queue, trio: { ...queue, title: "Trio" }, raid } }),
    ),
    writeFile(file("wider.json"), JSON.stringify({ queues: { duel: wider } })),
    writeFile(file("broken.json"), "{"),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

const simulate = async (raw: RawSimulateOptions = {}) => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  let now = 0;
  const clock = { now: () => ++now };
  const options = { population: file("people.csv"), queues: file("queues.json"), rate: "4/s", for: "3m", ...raw };
  const code = await simulateCommand(options, { clock, out, err });
  return { code, out: String(out.read() ?? ""), err: String(err.read() ?? "") };
};

describe("muster simulate", () => {
  it("reports a run, by the names that scripts read", async () => {
    const { code, out } = await simulate({ json: file("a.json") });
    expect(code).toBe(0);
    expect(out).toContain("by elo decile");
    expect(out).toMatch(/times faster than real time/);
    const report = JSON.parse(await readFile(file("a.json"), "utf8"));
    const aNumber = expect.any(Number);
    expect(report).toMatchObject({
      ...{ matched: aNumber, expired: aNumber, seed: 1, seconds: 180, premadeUnequalShare: 0, copies: 0 },
      ...{ decileWaitRatio: aNumber, optimumRatio: aNumber, meanWaitOptimumRatio: aNumber },
      waitMs: { p50: aNumber, p90: aNumber, p99: aNumber },
      eloGap: { mean: aNumber, p95: aNumber },
      teamGap: { mean: aNumber, p95: aNumber },
      winProbability: { meanAbsDev: aNumber },
      deltaPingMs: { p50: aNumber, p95: aNumber },
    });
    expect(report.arrived).toBe(report.matched + report.expired + report.waiting);
    expect(report.optimumRatio).toBeGreaterThanOrEqual(1);
    expect(report.other).toBeUndefined();
  });

  it("writes the same report and page from the same seed, others from another", async () => {
    const files = async (name: string, seed: string) => {
      await simulate({ json: file(`${name}.json`), html: file(`${name}.html`), seed });
      return Promise.all([readFile(file(`${name}.json`), "utf8"), readFile(file(`${name}.html`), "utf8")]);
    };
    const first = await files("one", "7");
    expect(await files("two", "7")).toEqual(first);
    expect(await files("three", "8")).not.toEqual(first);
  });

  it("compares two definitions on the same arrivals", async () => {
    const { out } = await simulate({ definition: file("wider.json"), json: file("both.json") });
    expect(out).toMatch(/queues\.json.*wider\.json.*change/);
    const { other, ...report } = JSON.parse(await readFile(file("both.json"), "utf8"));
    expect(other.arrived).toBe(report.arrived);
    expect(other.waitMs.p50).toBeLessThan(report.waitMs.p50);
    expect(other.eloGap.mean).toBeGreaterThan(report.eloGap.mean);
  });

  it("writes a page that loads nothing and takes nothing from input for markup", async () => {
    await simulate({ definition: file("wider.json"), html: file("page.html") });
    const page = await readFile(file("page.html"), "utf8");
    expect(page).not.toMatch(/https?:|\/\/[a-z]|\bsrc=|@import|url\(|<link|<script/i);
    expect(page).toContain("&lt;/pre&gt;&lt;script&gt;alert(\\&quot;1 &amp; 2\\&quot;)");
    expect(page.match(/<svg /g)).toHaveLength(3);
    expect(page.match(/<circle /g)?.length).toBeLessThanOrEqual(2 * 2_000);
    expect(page).toContain("prefers-color-scheme: dark");
    expect(page).not.toContain("NaN");
  });

  it("says what it can't tell when nobody comes", async () => {
    const { code, out } = await simulate({ rate: "0.001/s", for: "1s", html: file("none.html") });
    expect(code).toBe(0);
    expect(out).toMatch(/wait p50 +│ +–/);
    expect(await readFile(file("none.html"), "utf8")).not.toMatch(/NaN|Infinity/);
  });
});

it("reports parties, roles and open places where a queue has them", async () => {
  const { code, out } = await simulate({ queue: "raid", rate: "20/s", roles: "tank=1,dps=4", json: file("raid.json") });
  expect(code).toBe(0);
  expect(out).toContain("matches by players");
  expect(out).toMatch(/players in their first role/);
  expect(out).toContain("First roles are an assumption: weights tank 1, dps 4.");
  const aNumber = expect.any(Number);
  expect(JSON.parse(await readFile(file("raid.json"), "utf8"))).toMatchObject({
    ...{ qualityMean: aNumber, premadeLevels: { like: aNumber, near: aNumber, mixed: aNumber, any: 0 } },
    roles: { firstChoiceShare: aNumber, autofilledShare: 0 },
    overtakes: { share: aNumber, sampled: aNumber },
    fill: { filledShare: aNumber, fillMs: { p50: aNumber } },
    ...{ optimumRatio: null, roleWeights: { tank: 1, dps: 4 }, teamWeights: {} },
  });
});

describe("a bad option", () => {
  const cases: [raw: RawSimulateOptions, fault: RegExp][] = [
    [{ rate: "fast" }, /^--rate: "fast" is not players per second/],
    [{ rate: "0" }, /^--rate/],
    [{ for: "2 weeks" }, /^--for: "2 weeks"/],
    [{ rate: "10000/s", for: "168h" }, /^--rate: with --for/],
    [{ seed: "-1" }, /^--seed/],
    [{ start: "24:00" }, /^--start/],
    [{ start: "12", flat: true }, /^--start: --flat/],
    [{ matchFor: "soon" }, /^--match-for/],
    [{ commit: "1h" }, /^--commit/],
    [{ parties: "1,x" }, /^--parties: "1,x"/],
    [{ roles: "tank" }, /^--roles: "tank" is not weights by name/],
    [{ roles: "tank=0" }, /^--roles: "tank=0"/],
    [{ roles: "tank=1" }, /^--roles: the queue has no "tank"\. It has: none/],
    [{ teams: "red=1" }, /^--teams: the queue has no "red"\. It has: any, 1, 2/],
    [{ parties: "1,1" }, /^--parties: the queue takes parties of up to 1/],
    [{ queue: "ranked" }, /^--queue: .*queues\.json has no queue "ranked"\. Its queues are: duel, trio, raid$/m],
    [{ queues: "/none/queues.json" }, /^--queues: .*no such file/],
    [{ definition: "BROKEN" }, /^--definition: .*is not JSON/],
    [{ population: "/none.csv" }, /^--population: there is no file/],
    [{ json: "/none/a.json" }, /^--json: can't write/],
    [{ html: "/none/a.html" }, /^--html: can't write/],
  ];
  it.each(cases)("%j is named, with exit code 78", async (raw, fault) => {
    const { code, err, out } = await simulate(raw.definition ? { definition: file("broken.json") } : raw);
    expect(err).toMatch(fault);
    expect({ code, out }).toEqual({ code: 78, out: "" });
  });

  it("is named together with the others", async () => {
    expect((await simulate({ rate: "x", for: "x", queue: "x" })).err.trim().split("\n")).toHaveLength(3);
  });
});
