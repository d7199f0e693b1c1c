/** Where a player may be: in this partition, and in no other. */
export interface Claim {
  readonly partition: string;
  /** Rises with each move; comparable with the versions of the player's states. */
  readonly epoch: number;
  /** Whether its partition has taken note of it; until then, that is made up for by whoever comes next. */
  readonly entered: boolean;
}

/** A claim as Redis holds it: `partition epoch entered`, or `partition epoch entering`. */
export const formatClaim = ({ partition, epoch, entered }: Claim): string =>
  `${partition} ${epoch} ${entered ? "entered" : "entering"}`;

/** @param text the key's value; null: the player was in the deployment's own partition only, or nowhere for days */
export const parseClaim = (text: string | null, home: string): Claim => {
  if (text === null) return { partition: home, epoch: 0, entered: true };
  const [partition, epoch, word] = text.split(" ");
  if (!partition || !(word === "entered" || word === "entering")) {
    throw new Error(`a claim that nobody could have written: "${text}"`);
  }
  return { partition, epoch: Number(epoch), entered: word === "entered" };
};
