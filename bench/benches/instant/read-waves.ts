import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";

/** Who would accept whom, in one evening of the experiment. */
export interface Wave {
  readonly name: string;
  /** Everybody, by number; the first of a date are on one side, those whom they met on the other. */
  readonly people: readonly number[];
  readonly accepted: ReadonlyMap<number, ReadonlySet<number>>;
  /** 0 or 1. */
  readonly side: ReadonlyMap<number, number>;
}

/**
 * The waves of the Columbia speed dating experiment (Fisman, Iyengar, Kamenica and Simonson, 2002-2004), out of
 * `dates.csv.gz` with the columns iid, pid, gender, wave and dec.
 */
export const readWaves = async (folder: string): Promise<Wave[]> => {
  const text = gunzipSync(await readFile(join(folder, "dates.csv.gz"))).toString("utf8");
  const rows: Record<string, string>[] = parse(text, { columns: true });
  const waves = new Map<string, { accepted: Map<number, Set<number>>; side: Map<number, number> }>();
  for (const { iid, pid, gender, wave = "", dec } of rows) {
    if (!iid || !pid) continue;
    const { accepted, side } = waves.get(wave) ?? { accepted: new Map(), side: new Map() };
    waves.set(wave, { accepted, side });
    const choices = accepted.get(Number(iid)) ?? new Set();
    accepted.set(Number(iid), choices);
    side.set(Number(iid), Number(gender));
    if (dec === "1") choices.add(Number(pid));
  }
  return [...waves].map(([name, { accepted, side }]) => ({ name, people: [...accepted.keys()], accepted, side }));
};

export const isMutual = ({ accepted }: Wave, one: number, other: number): boolean =>
  accepted.get(one)?.has(other) === true && accepted.get(other)?.has(one) === true;

/** Pairs in a maximum matching of those who accept each other (augmenting paths). */
export const maximumPairs = (wave: Wave): number => {
  const mates = new Map<number, number>();
  const find = (one: number, tried: Set<number>): boolean => {
    for (const other of wave.accepted.get(one) ?? []) {
      if (tried.has(other) || !isMutual(wave, one, other)) continue;
      tried.add(other);
      const mate = mates.get(other);
      if (mate !== undefined && !find(mate, tried)) continue;
      mates.set(other, one);
      return true;
    }
    return false;
  };
  const left = wave.people.filter((person) => wave.side.get(person) === 0);
  return left.filter((person) => find(person, new Set())).length;
};
