/** The raw data as typed records. Where each file comes from is said in data/README.md. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import type { Position } from "./geo.ts";
import type { DeviceRtts } from "./last-mile.ts";
import type { CityPing, MeasuredCity } from "./measured-cities.ts";

/** A player of the ladder; `country` is ISO 3166 alpha-2, empty when unknown. */
export type LadderPlayer = { elo: number; games: number; country: string };
export type Town = Position & { country: string; population: number };

export type Sources = {
  ladder: LadderPlayer[];
  towns: Town[];
  measuredCities: MeasuredCity[];
  cityPings: CityPing[];
  deviceRtts: DeviceRtts[];
};

/** Reads every file under `dir`. Throws an error which names the file when one is missing or has not the columns expected. */
export function readSources(dir: string): Sources {
  const file = (...path: string[]): string => join(dir, ...path);
  return {
    ladder: readTable(file("aoe4_ladder_1v1", "ladder.csv.gz"), (row) => ({
      elo: row.number("rating"),
      games: row.number("games"),
      country: row.text("country"),
    })),
    towns: readTable(file("geonames_cities15000", "cities.csv.gz"), (row) => ({
      lat: row.number("lat"),
      lon: row.number("lon"),
      country: row.text("country"),
      population: row.number("population"),
    })),
    measuredCities: readTable(file("wonder_city_latency_2018", "cities.csv"), (row) => ({
      name: row.text("city"),
      lat: row.number("lat"),
      lon: row.number("lon"),
    })),
    cityPings: readTable(file("wonder_city_latency_2018", "pings.csv.gz"), (row) => ({
      from: row.text("src_city"),
      to: row.text("dst_city"),
      printedKm: row.number("distance_km"),
      avgMs: row.number("avg_ms"),
    })),
    deviceRtts: readTable(file("netlatency_seattle", "seattle_ms.csv.gz"), (row) => ({
      src: row.number("src"),
      rttMs: row.numbers(/^d\d+$/),
    })),
  };
}

type Row = {
  text(column: string): string;
  number(column: string): number;
  /** All columns whose name matches, in the order of the file. */
  numbers(columns: RegExp): number[];
};

function readTable<T>(path: string, toRecord: (row: Row) => T): T[] {
  if (!existsSync(path)) {
    throw new Error(
      `Raw data missing: ${path}\n` +
        "The raw data is not part of this repository; data/README.md says where each file comes from and which columns it has.\n" +
        "Put the file there, or name the folder that holds it with --from. The built data/population.csv.gz needs no raw data.",
    );
  }
  const bytes = readFileSync(path);
  const [header = [], ...lines] = parse(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
  const indexOf = new Map(header.map((column, index) => [column, index]));
  return lines.map((line, at) => {
    const text = (column: string): string => {
      const field = line[indexOf.get(column) ?? -1];
      if (field === undefined) throw new Error(`${path}: no column ${column}; it has ${header.join(", ")}`);
      return field;
    };
    const number = (column: string): number => {
      const field = text(column);
      const value = Number(field);
      if (field === "" || !Number.isFinite(value)) {
        throw new Error(`${path}: record ${at + 1}: ${column} is "${field}", not a number`);
      }
      return value;
    };
    return toRecord({
      text,
      number,
      numbers: (columns) => header.filter((column) => columns.test(column)).map(number),
    });
  });
}
