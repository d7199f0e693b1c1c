import { ERRORS, type ErrorCode } from "@muster/core";
import { MATCHES, type OperationName, queueOf, TABLE } from "@muster/core/testing";
import { openTestStore, type TestStore } from "@muster/store/testing";
import type { FastifyInstance, InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildTestApp } from "./testing/build-test-app.ts";

/** What core's table says of each operation in each situation, as the API answers it. Nothing is written. */
const queue = queueOf({
  readyCheck: { withinMs: 1_000 },
  session: { joinWithinMs: 2_000 },
  teams: { count: 2, size: 2, minSize: 1 },
  backfill: true,
});

let test: TestStore;
let app: FastifyInstance;
beforeAll(async () => {
  test = await openTestStore();
  const changeMatch: typeof test.store.changeMatch = async (id, _, decide) => {
    const match = MATCHES[id];
    if (!match) return null;
    return (await decide(queue, match, 50))?.match ?? match;
  };
  app = await buildTestApp({ store: { ...test.store, changeMatch }, queues: new Map([[queue.name, queue]]) });
});
afterAll(async () => {
  await app.close();
  await test.stop();
});

const byPlayer = (name: string) => (match: string, player: string) =>
  ({ method: "POST", url: `/v1/matches/${match}/${name}`, payload: { player } }) as const;
const byRealm = (name: string, payload: object) => (match: string) =>
  ({ method: "POST", url: `/v1/matches/${match}/${name}`, payload }) as const;
/** That a connection is lost is no call about a match. */
const CALLS: Record<Exclude<OperationName, "disconnect">, (match: string, player: string) => InjectOptions> = {
  accept: byPlayer("accept"),
  decline: byPlayer("decline"),
  join: byPlayer("join"),
  leave: byPlayer("leave"),
  spectate: byPlayer("spectate"),
  end: byRealm("end", {}),
  report: byRealm("end", { scores: { bob: 1 } }),
  backfill: byRealm("backfill", { lost: ["bob"] }),
  close: (match) => ({ method: "DELETE", url: `/v1/matches/${match}/backfill` }),
};

describe("calls about a match", () => {
  it.each(Object.entries(TABLE))("%s", async (who, expected) => {
    const [match = "", player = ""] = who.split(" ");
    for (const [name, call] of Object.entries(CALLS)) {
      const outcome = expected[name as OperationName];
      const response = await app.inject(call(match, player));
      const answer = response.json();
      if (outcome === "ok" || outcome === "same") {
        expect([name, response.statusCode, answer.id]).toEqual([name, 200, "m"]);
        continue;
      }
      // The table holds codes of the catalogue.
      const { status, title } = ERRORS[outcome as ErrorCode];
      expect([name, response.statusCode]).toEqual([name, status]);
      expect(response.headers["content-type"]).toContain("application/problem+json");
      expect(answer).toMatchObject({ status, title, code: outcome });
      expect(answer.detail).toMatch(/(\bm\b|eve|bob|ann).*\.$/);
    }
  });

  it("find no match that isn't there", async () => {
    for (const call of Object.values(CALLS)) {
      const response = await app.inject(call("none", "bob"));
      expect([response.statusCode, response.json().code]).toEqual([404, "MATCH_NOT_FOUND"]);
    }
  });
});
