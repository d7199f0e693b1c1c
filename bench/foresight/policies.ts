import type { Queue, Random } from "@muster/core";
import { consensus } from "./consensus.ts";
import { byDensity } from "./density.ts";
import type { Crowd } from "./draw-arrivals.ts";
import { foreknowing } from "./foreknowing.ts";
import { foreknowingGreedy } from "./foreknowing-greedy.ts";
import type { Prices } from "./match-with-singles.ts";
import type { Comer, Policy } from "./play.ts";
import { widening } from "./widening.ts";

/** With it players wait for some 2 s in the mean when five come a second. */
const DENSITY_FACTOR = 1;
/** A second of waiting costs as much as so much of a gap: players wait for some 2 s in the mean then. */
const ELO_PER_S = 3;
const DRAWN_S = 10;
const KNOWN_S = [2, 5, 10, 20];
/**
 * What it costs to be single at the horizon. Of 20, 40 and 80 this is the best for drawn futures; with known ones 20 and 40 make
 * little difference to the ratio, and 20 brings the mean wait near 2 s.
 */
const DRAWN_SINGLE_ELO = 40;
const KNOWN_SINGLE_ELO = 20;

/** Some 2 % of the players are left over then. */
const GREEDY_MOST_ELO = 160;

const prices = (horizonS: number, single: number): Prices => ({
  eloPerMs: ELO_PER_S / 1_000,
  single,
  horizonMs: horizonS * 1_000,
});

export interface Named {
  /** As in the figures. */
  name: string;
  label: string;
  policy: Policy;
}

/** What is compared, from what Muster does to what nobody can. */
export const policiesFor = (queue: Queue, crowd: Crowd, arrivals: readonly Comer[], random: Random): Named[] => [
  { name: "widening", label: "widening, as duel ships", policy: widening(queue) },
  { name: "density", label: "never widening, by density", policy: byDensity(crowd.elos, DENSITY_FACTOR) },
  {
    name: "consensus",
    label: `consensus of drawn futures of ${DRAWN_S} s`,
    policy: consensus(crowd, prices(DRAWN_S, DRAWN_SINGLE_ELO), random),
  },
  ...KNOWN_S.map((knownS) => ({
    name: `knows${knownS}s`,
    label: `knows who comes within ${knownS} s`,
    policy: foreknowing(arrivals, prices(knownS, KNOWN_SINGLE_ELO)),
  })),
  {
    name: "knowsAllGreedy",
    label: "knows all who come, and pairs the cheapest first",
    policy: foreknowingGreedy(arrivals, ELO_PER_S / 1_000, GREEDY_MOST_ELO),
  },
];
