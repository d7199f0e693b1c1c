import { silentLogger } from "@muster/core/service";
import { sampleQueue } from "@muster/store/testing";
import { expect, it } from "vitest";
import { createAdmission } from "./admission.ts";

const fakes = () => {
  const state = { now: 1_000_000, searchDelayMs: 0, overdue: 0, failing: false };
  const admission = createAdmission(
    {
      store: {
        clock: { now: () => state.now },
        countOverdue: async () => {
          if (state.failing) throw new Error("Redis is gone");
          return state.overdue;
        },
      },
      // A pace of one ticket a ms.
      searches: { delayMs: (overdue) => state.searchDelayMs + overdue },
      queues: new Map([["duel", sampleQueue()]]),
      log: silentLogger,
    },
    1_500,
  );
  /** Asks once so that it looks, and lets the look's answer in. */
  const look = async () => {
    admission.delayMs();
    await new Promise(setImmediate);
  };
  return { state, admission, look };
};

it("lets tickets in as long as searches keep up, and again when they have caught up", () => {
  const { state, admission } = fakes();
  expect(admission.refusal(1)).toBeUndefined();
  state.searchDelayMs = 1_501;
  const refusal = admission.refusal(3);
  expect(refusal).toMatchObject({ code: "OVERLOADED", details: { retryAfterS: 2 } });
  expect(refusal?.message).toContain("1.5 s");
  expect(admission.refused()).toBe(3);
  state.searchDelayMs = 1_400;
  expect(admission.refusal(1)).toBeUndefined();
});

it("promises no time further off than a minute", () => {
  const { state, admission } = fakes();
  state.searchDelayMs = 600_000;
  expect(admission.refusal(1)).toMatchObject({ details: { retryAfterS: 60 } });
});

it("counts those who came due and wait for the sweeper among those who come first", async () => {
  const { state, admission, look } = fakes();
  state.searchDelayMs = 1_000;
  state.overdue = 600;
  expect(admission.refusal(1)).toBeUndefined();
  await look();
  expect(admission.refusal(1)).toMatchObject({ code: "OVERLOADED", details: { retryAfterS: 2 } });
});

it("forgets a look that is too old to tell, and one that Redis didn't answer", async () => {
  const { state, admission, look } = fakes();
  state.overdue = 5_000;
  await look();
  expect(admission.delayMs()).toBe(5_000);
  state.failing = true;
  state.now += 1_000;
  await look();
  expect(admission.delayMs()).toBe(0);
});
