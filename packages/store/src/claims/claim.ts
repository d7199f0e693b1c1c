/** Where a player may be: in this partition, and in no other. */
export interface Claim {
  readonly partition: string;
  /** Rises with each move; comparable with the versions of the player's states. */
  readonly epoch: number;
  /** Whether its partition has taken note of it; until then, that is made up for by whoever comes next. */
  readonly entered: boolean;
  /** The hour, counted from 1970, from which on it is kept for `CLAIM_LIFE_MS`; 0 where that was not noted. */
  readonly renewedInHour: number;
}

const HOUR_MS = 3_600_000;
/** Kept after the last enqueue; longer than anybody can be in something by it, and far longer than a seal. */
export const CLAIM_LIFE_MS = 84 * HOUR_MS;
/** So it is kept for three days at least, and an enqueue only reads it, nearly always: to write each time costs twice as much. */
const RENEW_AFTER_HOURS = 12;

export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS);

export const isToRenew = ({ renewedInHour }: Claim, now: number): boolean =>
  hourOf(now) - renewedInHour >= RENEW_AFTER_HOURS;

/** A claim as Redis holds it: `partition epoch entered hour`, or `partition epoch entering hour`. */
export const formatClaim = ({ partition, epoch, entered, renewedInHour }: Claim): string =>
  `${partition} ${epoch} ${entered ? "entered" : "entering"} ${renewedInHour}`;

/**
 * @param text the key's value, of which the release before this one writes three words; null: the player was in the
 * deployment's own partition only, or nowhere for days
 */
export const parseClaim = (text: string | null, home: string): Claim => {
  if (text === null) return { partition: home, epoch: 0, entered: true, renewedInHour: 0 };
  const [partition, epoch, word, hour = "0"] = text.split(" ");
  if (!partition || !(word === "entered" || word === "entering")) {
    throw new Error(`a claim that nobody could have written: "${text}"`);
  }
  return { partition, epoch: Number(epoch), entered: word === "entered", renewedInHour: Number(hour) };
};
