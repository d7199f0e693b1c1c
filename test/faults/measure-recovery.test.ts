import type { StreamEntry } from "@muster/core";
import { describe, expect, it } from "vitest";
import type { Seen } from "./history.ts";
import { type Mark, measureRecovery } from "./measure-recovery.ts";

const led = (at: number, mover: string): StreamEntry => ({
  id: `${at}-0`,
  event: { type: "led", queue: "", at, mover },
});
const matched = (at: number, mover = "a"): StreamEntry => ({
  id: `${at}-0`,
  event: { type: "matched", queue: "duel", at, match: `m_${at}`, eloGap: 0, mover },
});
const saw = (version: number, at: number): Seen => ({ watcher: "one", player: "ann", version, state: "idle", at });
const mark = (fault: string): Mark => ({ fault, at: 1_000, backAt: 2_000, overAt: 5_000 });

describe("recovery, by the history", () => {
  it("from a killed leader lasts until the first match under another lease, not until the last of its own", () => {
    const events = [led(1, "a"), matched(900), matched(1_002), led(2_500, "b"), matched(2_600, "b")];
    expect(measureRecovery({ events, seen: [] }, [mark("kill the leading mover")])).toEqual([
      { what: "mover fail-over", fault: "kill the leading mover", tookMs: 1_600 },
    ]);
  });

  it("never came when nobody else led, or no match was made since", () => {
    for (const events of [
      [led(1, "a"), matched(1_500)],
      [led(1, "a"), led(1_500, "b")],
    ]) {
      const [found] = measureRecovery({ events, seen: [] }, [mark("kill the leading mover")]);
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
  });

  it("is not told of what is older than the stream", () => {
    expect(measureRecovery({ events: [led(1_001, "a")], seen: [] }, [mark("kill matchmaker")])).toEqual([]);
  });
});
