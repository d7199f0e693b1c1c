/**
 * What a home connection adds to a ping, from round trips among 99 personal devices (Seattle data, ToN 25, 2017).
 *
 * The raw times are far above a home's last mile, for two reasons that are visible in them. The devices are spread over the
 * world, and each ran in a sandbox with a capped share of a processor: a pair's times over the slices are a narrow peak at
 * the true path, 0 to 20 ms wide, and then an even spread up to 400 ms for the pauses. Hence:
 *   path       = a low quantile of a pair's times in both directions: the pauses fall out
 *   last mile  = half of a low quantile of a device's paths: only its nearest peers count, and each end pays half
 *   jitter     = half of the mean excess over the path, of those times that are near it
 * A device that has no peer near it measures distance and not its last mile, and is dropped.
 */
import { mean, quantile } from "./statistics.ts";

/** What one device adds to every ping. */
export type LastMile = { lastMileMs: number; jitterMs: number };

/** One device's round trips in one time slice: `rttMs[j]` to device j. 0 is "no time", also on the diagonal. */
export type DeviceRtts = { src: number; rttMs: readonly number[] };

const PATH_QUANTILE = 0.1;
/** 5 % of 98 peers: about the five nearest. */
const NEAREST_PEERS_QUANTILE = 0.05;
/** Where the peak has ended and the pauses are at their rarest. */
const JITTER_CEILING_MS = 50;
const REMOTE_ABOVE_MS = 60;
/** The times come in ticks of 10 ms, so half of one comes in ticks of 5. */
export const LAST_MILE_TICK_MS = 5;

/** One entry per device that can be judged, in the order of the devices' numbers. */
export function deriveLastMiles(rtts: readonly DeviceRtts[]): LastMile[] {
  const samples = pairSamples(rtts);
  const lastMiles: LastMile[] = [];
  for (const peers of samples.values()) {
    const paths: number[] = [];
    const excesses: number[] = [];
    for (const times of peers.values()) {
      const path = quantile(times, PATH_QUANTILE);
      paths.push(path);
      for (const time of times) if (time >= path && time - path <= JITTER_CEILING_MS) excesses.push(time - path);
    }
    const lastMileMs = quantile(paths, NEAREST_PEERS_QUANTILE) / 2;
    if (lastMileMs <= REMOTE_ABOVE_MS) lastMiles.push({ lastMileMs, jitterMs: mean(excesses) / 2 });
  }
  return lastMiles;
}

/** A last mile somewhere within its tick: `share` 0 to 1 is where. */
export function withinTick(lastMileMs: number, share: number): number {
  return lastMileMs + (share - 0.5) * LAST_MILE_TICK_MS;
}

/** device → peer → every time seen between the two, in either direction. */
function pairSamples(rtts: readonly DeviceRtts[]): Map<number, Map<number, number[]>> {
  const samples = new Map<number, Map<number, number[]>>();
  const add = (from: number, to: number, time: number): void => {
    const peers = samples.get(from) ?? new Map<number, number[]>();
    samples.set(from, peers);
    const times = peers.get(to) ?? [];
    peers.set(to, times);
    times.push(time);
  };
  for (const { src, rttMs } of rtts) {
    rttMs.forEach((time, dst) => {
      if (dst === src || time <= 0) return;
      add(src, dst, time);
      add(dst, src, time);
    });
  }
  return new Map([...samples].sort(([a], [b]) => a - b));
}
