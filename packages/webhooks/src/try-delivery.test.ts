import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startEndpoint, TEST_SECRET, type TestEndpoint } from "./testing/endpoint.ts";
import { tryDelivery } from "./try-delivery.ts";

let endpoint: TestEndpoint;
beforeEach(async () => {
  endpoint = await startEndpoint();
});
afterEach(() => endpoint.stop());

const keys = [Buffer.from(TEST_SECRET.slice(6), "base64")];
const body = JSON.stringify({ type: "ended", timestamp: "", data: { event: {} } });
const attempt = ({ url = endpoint.url, queuedAgoMs = 0, tries = 0, timeoutMs = 5_000 } = {}) => {
  const now = Date.now();
  return tryDelivery(
    { hook: { url, keys }, clock: { now: () => now }, random: { next: () => 0 }, timeoutMs, giveUpAfterMs: 60_000 },
    { id: "evt_1", body },
    { tries, queuedAt: now - queuedAgoMs },
  );
};

describe("a try to deliver a message", () => {
  it("succeeds with any answer of success, signed so that the endpoint can verify it", async () => {
    expect(await attempt()).toMatchObject({ kind: "delivered", endpoint: "alive" });
    expect(endpoint.got).toMatchObject([{ id: "evt_1", type: "ended" }]);
    endpoint.answer = 204;
    expect(await attempt()).toMatchObject({ kind: "delivered" });
  });

  it.each([400, 404, 429, 500, 503])("is repeated later after an answer of %i", async (status) => {
    endpoint.answer = status;
    expect(await attempt({ tries: 2 })).toEqual({
      kind: "again",
      afterMs: 10_000,
      reason: `answered ${status}: as told`,
      endpoint: "failing",
    });
  });

  it("follows no redirect", async () => {
    endpoint.answer = 302;
    expect(await attempt()).toMatchObject({ kind: "again", reason: "answered 302: as told" });
    expect(endpoint.requests).toBe(1);
  });

  it("waits no longer than its limit", async () => {
    endpoint.answer = "hang";
    expect(await attempt({ timeoutMs: 100 })).toMatchObject({
      kind: "again",
      reason: "did not answer within 100 ms",
    });
  });

  it("says why nobody could be reached", async () => {
    await endpoint.stop();
    expect(await attempt()).toMatchObject({ kind: "again", reason: expect.stringContaining("ECONNREFUSED") });
  });

  it("is the last one when the next would come too late", async () => {
    endpoint.answer = 500;
    expect(await attempt({ queuedAgoMs: 59_000 })).toMatchObject({ kind: "never", endpoint: "failing" });
  });

  it("is the last one when the endpoint wants no more", async () => {
    endpoint.answer = 410;
    expect(await attempt()).toMatchObject({ kind: "never", endpoint: "gone" });
  });
});
