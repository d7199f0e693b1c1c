import { build, type Histogram } from "hdr-histogram-js";

/** Values are kept in tenths, to 3 significant digits: 0.1 up to 204.8, 0.1 % beyond. */
const PER_UNIT = 10;
const HIGHEST = 3_600_000 * PER_UNIT;

/** Measured values of one kind, in constant memory however many they are. */
export class Samples {
  // A plain histogram: the package's WebAssembly one would need to be loaded first.
  readonly #histogram: Histogram = build({ highestTrackableValue: HIGHEST, numberOfSignificantValueDigits: 3 });
  #sum = 0;

  /** @param value 0 or more; beyond 3.6 million it counts as that */
  add(value: number): void {
    this.#histogram.recordValue(Math.min(HIGHEST, Math.round(Math.max(0, value) * PER_UNIT)));
    this.#sum += value;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Null when there is no value. */
  mean(): number | null {
    return this.count === 0 ? null : Math.round((this.#sum / this.count) * PER_UNIT) / PER_UNIT;
  }

  /** The smallest value that `percent` % of the values don't exceed; null when there is no value. */
  percentile(percent: number): number | null {
    if (this.count === 0) return null;
    const value = this.#histogram.getValueAtPercentile(percent) / PER_UNIT;
    // Tenths of large values would only look exact.
    return value < 100 ? value : Math.round(value);
  }
}
