import type { StoreContext } from "../context.ts";
import { ELO_BUCKET_WIDTH, eloBucket } from "../keys.ts";
import { loadScript, runScript } from "../redis/run-script.ts";
import { withId } from "./pack-ticket.ts";

const script = loadScript(new URL("./read-range.lua", import.meta.url));

/** Tickets read from one bucket at most: a bucket of so many is small enough to be read whole. */
const PER_BUCKET = 128;

/** Buckets read at most: 3,200 points to both sides. An unlimited spread ends there too. */
const BUCKETS_TO_EACH_SIDE = 128;

export interface EloRange {
  low: number;
  high: number;
  /** Reading begins here and goes outwards. */
  centre: number;
  /** Enough tickets; a few more may come. */
  limit: number;
}

/** The tickets that wait in an elo range, the nearest buckets first, as packed text (see pack-ticket.ts). */
export const readRange = async ({ redis, keys }: StoreContext, queue: string, range: EloRange): Promise<string[]> => {
  const buckets = bucketsOutwards(range).map((bucket) => keys.eloBucket(queue, bucket));
  // The script's header says what it returns.
  const random = Math.floor(Math.random() * 2 ** 32);
  const found = (await runScript(redis, script, buckets, [PER_BUCKET, range.limit, random])) as string[];
  return Array.from({ length: found.length / 2 }, (_, n) => withId(found[2 * n] ?? "", found[2 * n + 1] ?? ""));
};

/** The buckets of a range in the order of their distance from its centre. */
export const bucketsOutwards = ({ low, high, centre }: Omit<EloRange, "limit">): number[] => {
  const reach = BUCKETS_TO_EACH_SIDE * ELO_BUCKET_WIDTH;
  const first = eloBucket(Math.max(low, centre - reach));
  const last = eloBucket(Math.min(high, centre + reach));
  const buckets: number[] = [];
  const middle = eloBucket(centre);
  for (let step = 0; middle - step >= first || middle + step <= last; step++) {
    if (middle - step >= first && middle - step <= last) buckets.push(middle - step);
    if (step > 0 && middle + step <= last && middle + step >= first) buckets.push(middle + step);
  }
  return buckets;
};
