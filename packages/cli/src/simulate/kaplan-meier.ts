/** A wait that ended in a match, or that was cut off and is only known to be longer. */
export interface Wait {
  readonly waitMs: number;
  readonly matched: boolean;
}

/** From `waitMs` on, this share of all who wait is matched. */
export interface WaitPoint {
  readonly waitMs: number;
  readonly share: number;
}

export interface WaitCurve {
  /** Where the share rises, ascending. */
  readonly points: readonly WaitPoint[];
  /** The longest wait seen, matched or cut off; 0 without any. */
  readonly longestMs: number;
}

export interface WaitPercentile {
  readonly waitMs: number;
  /** Fewer were matched within the longest wait seen: the true figure is this or more. */
  readonly isLowerBound: boolean;
}

/** Products of many factors miss a share such as 0.5 by less than this. */
const ROUNDING = 1e-9;

/**
 * The share that is matched within a time, by Kaplan and Meier's product limit (1958): at each wait that ended in a
 * match, the share still waiting falls by `matched / at risk`. Those cut off (expired, or waiting when the run ended)
 * count among the waiting up to their own wait and no further, so leaving them out does not flatter the figures.
 */
export const waitCurve = (waits: readonly Wait[]): WaitCurve => {
  const sorted = waits.toSorted((a, b) => a.waitMs - b.waitMs);
  const points: WaitPoint[] = [];
  let waiting = 1;
  let atRisk = sorted.length;
  for (let index = 0; index < sorted.length; ) {
    const waitMs = sorted[index]?.waitMs ?? 0;
    let matched = 0;
    let gone = 0;
    for (; sorted[index]?.waitMs === waitMs; index++) {
      gone += 1;
      if (sorted[index]?.matched) matched += 1;
    }
    if (matched > 0) {
      waiting *= 1 - matched / atRisk;
      points.push({ waitMs, share: 1 - waiting });
    }
    atRisk -= gone;
  }
  return { points, longestMs: sorted.at(-1)?.waitMs ?? 0 };
};

/** The shortest wait within which `share` (0 to 1) of all are matched; null when nobody waited. */
export const waitPercentile = ({ points, longestMs }: WaitCurve, share: number): WaitPercentile | null => {
  const point = points.find((each) => each.share >= share - ROUNDING);
  if (point) return { waitMs: point.waitMs, isLowerBound: false };
  return points.length === 0 && longestMs === 0 ? null : { waitMs: longestMs, isLowerBound: true };
};
