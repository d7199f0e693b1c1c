import type { Redis } from "ioredis";
import { type Static, Type } from "typebox";
import { Value } from "typebox/value";
import type { StoreContext } from "../context.ts";
import type { Keys } from "../keys.ts";
import type { Fault } from "./fault.ts";

/** As long as somebody may still ask. */
const KEPT_MS = 7 * 24 * 3_600_000;
const TOLD = 20;

/** What is still wrong, of which only the first is kept in words. */
export interface FaultsLeft {
  count: number;
  told: string[];
}

export const addFault = (left: FaultsLeft, { text }: Pick<Fault, "text">): void => {
  left.count += 1;
  if (left.told.length < TOLD) left.told.push(text);
};

/** What the doctor found when it last looked at everything, as it is kept for whoever asks. */
export const Diagnosis = Type.Object({
  at: Type.Integer({ description: "ms since the epoch." }),
  faults: Type.Integer({ minimum: 0, description: "How many." }),
  told: Type.Array(Type.String(), { description: "The first of them, in words." }),
});
export type Diagnosis = Static<typeof Diagnosis>;

export const writeDiagnosis = async (
  redis: Redis,
  keys: Keys,
  { count, told }: FaultsLeft,
  at: number,
): Promise<void> => {
  await redis.set(keys.diagnosis, JSON.stringify({ at, faults: count, told } satisfies Diagnosis), "PX", KEPT_MS);
};

/** Undefined when the doctor has not looked within a week, or another version wrote otherwise. */
export const readDiagnosis = async ({
  redis,
  keys,
}: Pick<StoreContext, "redis" | "keys">): Promise<Diagnosis | undefined> => {
  const text = await redis.get(keys.diagnosis);
  const found: unknown = text === null ? undefined : JSON.parse(text);
  return Value.Check(Diagnosis, found) ? found : undefined;
};
