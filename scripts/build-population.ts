/**
 * Builds data/population.csv.gz and data/regions.json, the players which load tests, benchmarks and simulations replay.
 * Usage: node scripts/build-population.ts [--from ../shared/data] [--players 24000] [--seed 1] [--out data/population.csv.gz]
 * regions.json is written beside --out. data/README.md says what is in them and how it was derived.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { populationCsv } from "./population/csv.ts";
import { buildPopulation } from "./population/population.ts";
import { readSources } from "./population/sources.ts";
import { summarise } from "./population/summary.ts";

function main(): void {
  const { values } = parseArgs({
    options: {
      from: { type: "string", default: "../shared/data" },
      players: { type: "string", default: "24000" },
      seed: { type: "string", default: "1" },
      out: { type: "string", default: "data/population.csv.gz" },
    },
  });
  const players = wholeNumber("--players", values.players, 1);
  const seed = wholeNumber("--seed", values.seed, 0);

  const population = buildPopulation(readSources(values.from), { players, seed });
  // Node writes no modification time into a gzip header, so equal text gives equal bytes.
  const packed = gzipSync(populationCsv(population), { level: 9 });
  mkdirSync(dirname(values.out), { recursive: true });
  writeFileSync(values.out, packed);
  writeFileSync(join(dirname(values.out), "regions.json"), `${JSON.stringify(population.regions, null, 2)}\n`);
  console.log(`${summarise(population)}\nwrote ${values.out} (${Math.round(packed.length / 1000)} kB)`);
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${option} must be a whole number, ${least} or more; it is "${text}"`);
  }
  return value;
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
