import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parsePopulation, readPopulation } from "./population.ts";

const CSV = `player,elo,country,lat,lon,games,avgPingMs,eu-west,us-east
101,1234,de,52.52,13.41,77,31.5,20,110
102,980.5,us,40.7,-74,3,45,,12
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "population-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("reads players with their pings to the regions they know", () => {
  expect(parsePopulation(CSV)).toEqual([
    {
      id: "101",
      elo: 1234,
      avgPingMs: 31.5,
      position: { lat: 52.52, lon: 13.41 },
      latencyMs: { "eu-west": 20, "us-east": 110 },
    },
    { id: "102", elo: 980.5, avgPingMs: 45, position: { lat: 40.7, lon: -74 }, latencyMs: { "us-east": 12 } },
  ]);
});

it("reads a packed file", async () => {
  const file = join(folder, "population.csv.gz");
  await writeFile(file, gzipSync(CSV));
  expect(await readPopulation(file)).toHaveLength(2);
});

it.each([
  ["a missing column", "player,elo\n1,2\n", "line 1 lacks country, lat, lon, games, avgPingMs"],
  ["no players", "player,elo,country,lat,lon,games,avgPingMs\n", "holds no players"],
  ["an empty file", "", "line 1 lacks player"],
  ["a bad number", CSV.replace("980.5", "high"), 'line 3: elo is no number: "high"'],
  ["a short line", `${CSV}103,1\n`, 'line 4: avgPingMs is no number: ""'],
])("refuses %s", (_what, csv, reason) => {
  expect(() => parsePopulation(csv)).toThrow(reason);
});

it("names a file that is missing or damaged", async () => {
  await expect(readPopulation(join(folder, "none.csv.gz"))).rejects.toThrow("--population: there is no file");
  const file = join(folder, "damaged.csv.gz");
  await writeFile(file, "not packed");
  await expect(readPopulation(file)).rejects.toThrow("damaged.csv.gz can't be read");
});
