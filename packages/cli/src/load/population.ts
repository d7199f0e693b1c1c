import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import type { Player } from "@muster/core";
import { parse } from "csv-parse/sync";
import { BadOptionError } from "./bad-option.ts";

/** A player of the population: as a realm hands it in, with the population's own id. */
export type Person = Pick<Player, "id" | "elo" | "avgPingMs" | "position" | "latencyMs"> & { avgPingMs: number };

const FIXED_COLUMNS = ["player", "elo", "country", "lat", "lon", "games", "avgPingMs"] as const;
type FixedColumn = (typeof FIXED_COLUMNS)[number];

/**
 * Reads a population: CSV whose first columns are `player,elo,country,lat,lon,games,avgPingMs`, each further column a
 * game region with the ping to it in ms (empty: unknown).
 *
 * @throws BadOptionError that names the line and the column at fault
 */
export const parsePopulation = (csv: string): Person[] => {
  const [header, ...rows] = parse(csv, { skip_empty_lines: true, relax_column_count: true });
  const missing = FIXED_COLUMNS.filter((column) => !header?.includes(column));
  if (!header || missing.length > 0) throw fault(`line 1 lacks ${missing.join(", ")}`);
  if (rows.length === 0) throw fault("holds no players");
  const at = Object.fromEntries(FIXED_COLUMNS.map((column) => [column, header.indexOf(column)]));
  const regions = header.flatMap((column, index) =>
    (FIXED_COLUMNS as readonly string[]).includes(column) ? [] : [{ column, index }],
  );
  return rows.map((row, index) => {
    const cell = (column: FixedColumn): string => row[at[column] ?? -1] ?? "";
    const number = (column: string, text: string): number => {
      const value = text === "" ? Number.NaN : Number(text);
      if (!Number.isFinite(value)) throw fault(`line ${index + 2}: ${column} is no number: "${text}"`);
      return value;
    };
    const id = cell("player");
    if (id === "") throw fault(`line ${index + 2}: player is empty`);
    return {
      id,
      elo: number("elo", cell("elo")),
      avgPingMs: number("avgPingMs", cell("avgPingMs")),
      position: { lat: number("lat", cell("lat")), lon: number("lon", cell("lon")) },
      latencyMs: Object.fromEntries(
        regions.flatMap(({ column, index: place }) => {
          const text = row[place] ?? "";
          return text === "" ? [] : [[column, number(column, text)]];
        }),
      ),
    };
  });
};

/** @throws BadOptionError when the file can't be read or used */
export const readPopulation = async (file: string): Promise<Person[]> => {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw fault(error.code === "ENOENT" ? `there is no file ${file}` : error.message);
  });
  try {
    return parsePopulation((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"));
  } catch (error) {
    if (error instanceof BadOptionError) throw error;
    throw fault(`${file} can't be read: ${error instanceof Error ? error.message : error}`);
  }
};

const fault = (reason: string): BadOptionError => new BadOptionError([`--population: ${reason}`]);
