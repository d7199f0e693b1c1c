import { endMatch, type Match } from "@muster/core";
import type { Store } from "../store.ts";

/** Ends a match as its realm would, without a word on how it went. */
export const endOfMatch = (store: Pick<Store, "changeMatch">, id: string): Promise<Match | null> =>
  store.changeMatch(
    id,
    () => undefined,
    (_, match, now) => endMatch(match, {}, now),
  );
