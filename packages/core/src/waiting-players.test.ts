import { describe, expect, it } from "vitest";
import { distanceKm, estimateLatencyMs } from "./estimate-latency.ts";
import { parseQueues } from "./parse-queues.ts";
import { toWaitingPlayers } from "./waiting-players.ts";

const queueWith = (definition: object) => {
  const base = { teams: { count: 2, size: 1 }, maxPartySize: 1, steps: [{ fromTry: 0 }], maxWaiting: 10 };
  const times = { retryEveryMs: 1_000, expireAfterMs: 60_000, matchLengthMs: 60_000 };
  const regions = { "eu-west": { lat: 51.5, lon: -0.1 }, "us-east": { lat: 38.9, lon: -77 } };
  const queue = parseQueues({ regions, queues: { duel: { ...base, ...times, ...definition } } }, "test").get("duel");
  if (!queue) throw new Error("parseQueues keeps every queue");
  return queue;
};

const ann = {
  id: "ann",
  elo: 1_200,
  avgPingMs: 35,
  position: { lat: 48.9, lon: 2.4 },
  latencyMs: { "us-east": 95 },
  attributes: { platform: "pc", secret: "x" },
};
const request = { players: [ann], attributes: { mode: "ranked", platform: "any" } };

describe("what matching is told of a player", () => {
  it("is no more than the queue looks at", () => {
    expect(toWaitingPlayers(queueWith({}), request)).toEqual([{ id: "ann", elo: 1_200, avgPingMs: 35 }]);
  });

  it("are the attributes that rules name, the player's own before its ticket's", () => {
    const rules = [
      { kind: "equal", attribute: "mode", missing: "refuse" },
      { kind: "oneOf", attribute: "platform", accepted: "platforms", missing: "accept" },
    ];
    const [player] = toWaitingPlayers(queueWith({ rules }), request);
    expect(player?.attributes).toEqual({ mode: "ranked", platform: "pc" });
  });

  it("are its pings to regions, estimated from its position where it sent none", () => {
    const [player] = toWaitingPlayers(queueWith({ steps: [{ fromTry: 0, maxLatencyMs: 100 }] }), request);
    expect(player?.latencyMs).toEqual({
      "us-east": 95,
      "eu-west": estimateLatencyMs(ann.position, { lat: 51.5, lon: -0.1 }),
    });
  });

  it("is that nothing is known of its pings when it sent neither", () => {
    const queue = queueWith({ steps: [{ fromTry: 0, maxLatencyMs: 100 }] });
    expect(toWaitingPlayers(queue, { players: [{ id: "bob", elo: 1 }] })).toEqual([{ id: "bob", elo: 1 }]);
  });
});

describe("distance and the ping that it makes likely", () => {
  it("is that of the great circle", () => {
    const paris = { lat: 48.8566, lon: 2.3522 };
    const tokyo = { lat: 35.6762, lon: 139.6503 };
    expect(distanceKm(paris, tokyo)).toBeCloseTo(9_712, -1);
    expect(distanceKm(paris, paris)).toBe(0);
    expect(distanceKm({ lat: 0, lon: 0 }, { lat: 0, lon: 180 })).toBeCloseTo(Math.PI * 6_371, 3);
    expect(estimateLatencyMs(paris, tokyo)).toBe(215);
    expect(estimateLatencyMs(paris, paris)).toBe(26);
  });
});
