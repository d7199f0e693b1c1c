import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const POPULATION = new URL("../../../../data/population.csv.gz", import.meta.url);

/** The elos of the population that ships with Muster. */
export const readElos = async (): Promise<number[]> => {
  const text = (await promisify(gunzip)(await readFile(POPULATION))).toString("utf8");
  const [header = "", ...lines] = text.trim().split("\n");
  const column = header.split(",").indexOf("elo");
  if (column < 0) throw new Error("the population has no elo");
  return lines.map((line) => Number(line.split(",")[column])).filter(Number.isFinite);
};
