import { describe, expect, it } from "vitest";
import type { PartitionEvent, Seen } from "./history.ts";
import { type Mark, measureRecovery } from "./measure-recovery.ts";

const led = (at: number, mover: string, partition = "main"): PartitionEvent => ({
  ...{ id: `${at}-0`, partition },
  event: { type: "led", queue: "", at, mover },
});
const matched = (at: number, mover = "a", partition = "main"): PartitionEvent => ({
  ...{ id: `${at}-0`, partition },
  event: { type: "matched", queue: "duel", at, match: `m_${at}`, eloGap: 0, mover },
});
const saw = (version: number, at: number): Seen => ({ watcher: "one", player: "ann", version, state: "idle", at });
const mark = (fault: string, led = ["main"]): Mark => ({ fault, at: 1_000, backAt: 2_000, overAt: 5_000, led });

describe("recovery, by the history", () => {
  it("from a killed leader lasts until the first match under another lease, not until the last of its own", () => {
    const events = [led(1, "a"), matched(900), matched(1_002), led(2_500, "b"), matched(2_600, "b")];
    expect(measureRecovery({ events, seen: [] }, [mark("kill a leading mover")])).toEqual([
      { what: "mover fail-over", fault: "kill a leading mover", tookMs: 1_600 },
    ]);
  });

  it("from killed leaders is told of each partition that one of them led, and of no other", () => {
    const eu = [led(2, "b", "eu"), led(3_000, "c", "eu"), matched(3_300, "c", "eu")];
    const events = [led(1, "a"), led(2_500, "c"), matched(2_600, "c"), ...eu];
    const tookMs = (partitions: string[]) =>
      measureRecovery({ events, seen: [] }, [mark("kill all leading movers", partitions)]).map((each) => each.tookMs);
    expect(tookMs(["main", "eu"])).toEqual([1_600, 2_300]);
    expect(tookMs(["eu"])).toEqual([2_300]);
  });

  it("never came when nobody else led, or no match was made since", () => {
    for (const events of [
      [led(1, "a"), matched(1_500)],
      [led(1, "a"), led(1_500, "b")],
    ]) {
      const [found] = measureRecovery({ events, seen: [] }, [mark("kill a leading mover")]);
      expect(found?.tookMs).toBeUndefined();
    }
  });

  it("from a killed matchmaker is the longest time without a match, also when that outlasts what is looked at", () => {
    const tookMs = (times: number[]) =>
      measureRecovery({ events: [led(1, "a"), ...times.map((at) => matched(at))], seen: [] }, [
        mark("kill matchmaker"),
      ])[0]?.tookMs;
    expect(tookMs([1_100, 3_000, 4_900, 5_100])).toBe(1_900);
    expect(tookMs([1_100, 7_000])).toBe(5_900);
    expect(tookMs([])).toBeUndefined();
  });

  it("of a playserver lasts from when Redis is back until the last late notification", () => {
    const tookMs = (seen: Seen[]) => measureRecovery({ events: [], seen }, [mark("kill Redis")])[0]?.tookMs;
    expect(tookMs([saw(1_010, 2_300), saw(2_100, 2_900), saw(3_000, 3_020)])).toBe(900);
    expect(tookMs([saw(2_500, 2_510)])).toBe(0);
    expect(tookMs([saw(6_000, 6_010)])).toBe(4_010);
    expect(tookMs([saw(900, 950)])).toBeUndefined();
    // Whoever connects is told of what was long before.
    expect(tookMs([saw(2_500, 2_510), { ...saw(1_010, 4_000), isHello: true }])).toBe(0);
  });

  it("is not told of what is older than the stream", () => {
    expect(measureRecovery({ events: [led(1_001, "a")], seen: [] }, [mark("kill matchmaker")])).toEqual([]);
  });
});
