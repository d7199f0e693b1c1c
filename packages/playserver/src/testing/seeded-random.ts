import type { Random } from "@muster/core";

/** Chance that is the same in each run (Park and Miller's generator). */
export const seededRandom = (seed = 1): Random => {
  let state = seed;
  return {
    next: () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    },
  };
};
