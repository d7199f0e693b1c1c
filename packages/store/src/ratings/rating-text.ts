import type { Rating } from "@muster/core";

/** A rating as it stands in its player's hash: JSON. Whoever writes one compares the text that it read before. */
export const ratingText = ({ elo, mu, sigma, matches }: Rating): string => JSON.stringify({ elo, mu, sigma, matches });

/** @param text the field's value; null (no such field) is a player without a rated match in that queue */
export const parseRating = (text: string | null): Rating | undefined =>
  // Only ratingText writes these values.
  text === null ? undefined : (JSON.parse(text) as Rating);
