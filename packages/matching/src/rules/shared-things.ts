import type { JointTerms } from "./terms.ts";

/** Tells of a ticket whether it shares, or may share, one thing: it can be placed in a region, its players have a map. */
export type SharedThing = (terms: JointTerms) => boolean;

/** Each is one more search for a large match. A queue rarely has more regions within limits, or more maps in demand. */
const MAX_OF_A_KIND = 6;

/**
 * What a ticket could share with all others of a match: its regions, best first, and the values of each list that it
 * wants to have in common with others.
 */
export const sharedThings = ({ common, regions }: JointTerms): SharedThing[] => [
  ...byPing(regions?.places ?? [])
    .slice(0, MAX_OF_A_KIND)
    .map(
      ({ region }): SharedThing =>
        ({ regions }) =>
          !regions?.places || regions.places.some((place) => place.region === region),
    ),
  ...common.flatMap((stance, index) =>
    [...(stance.common ?? [])].slice(0, MAX_OF_A_KIND).map(
      (value): SharedThing =>
        (terms) => {
          const list = terms.common[index]?.common;
          return !list || list.has(value);
        },
    ),
  ),
];

const byPing = <P extends { readonly worstMs: number }>(places: readonly P[]): P[] =>
  places.toSorted((a, b) => a.worstMs - b.worstMs);
