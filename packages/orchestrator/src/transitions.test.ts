import {
  ERRORS,
  type ErrorCode,
  type PLAYER_TRANSITIONS,
  type PlayerStateName,
  type TICKET_TRANSITIONS,
  type TicketStatus,
} from "@muster/core";
import { connectForCommits } from "@muster/store";
import { commitAll, openTestStore, proposalFor, sampleQueue, type TestStore } from "@muster/store/testing";
import type { FastifyInstance } from "fastify";
import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildTestApp } from "./testing/build-test-app.ts";

/** Every transition of a player and of a ticket that core names, over HTTP; what would be another is refused. */
const coolDown = { firstMs: 10_000, maxMs: 60_000, forgetAfterMs: 60_000 };
const duel = sampleQueue();
const asked = sampleQueue({ name: "asked", readyCheck: { withinMs: 5_000, coolDown } });
const hall = sampleQueue({ name: "hall", session: { joinWithinMs: 5_000 } });
const queues = new Map([duel, asked, hall].map((queue) => [queue.name, queue]));

/** How far the test has moved its clock ahead. */
let aheadMs = 0;
let test: TestStore;
let app: FastifyInstance;
let connection: Redis;
beforeAll(async () => {
  test = await openTestStore({ now: () => Date.now() + aheadMs });
  app = await buildTestApp({ store: test.store, queues });
  connection = connectForCommits(test.redis.url, "commit", "main");
  await connection.connect();
});
afterAll(async () => {
  await app.close();
  connection.disconnect();
  await test.stop();
});
beforeEach(async () => {
  aheadMs = 0;
  await test.raw.flushall();
  await test.store.holdLease("me", 3_600_000);
});

type Method = "GET" | "POST" | "PATCH" | "DELETE";
const call = async (method: Method, url: string, payload?: object) => {
  const response = await app.inject({ method, url, ...(payload && { payload }) });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
};
const playerOf = async (id: string) => (await call("GET", `/v1/players/${id}`)).body;
const ticketOf = async (id: string) => (await call("GET", `/v1/tickets/${(await playerOf(id)).ticket}`)).body;

const enqueue = (queue: string, player: string) =>
  call("POST", `/v1/queues/${queue}/tickets`, { players: [{ id: player, elo: 1_000 }] });
const change = async (id: string) => {
  const { ticket } = await playerOf(id);
  const { version } = await ticketOf(id);
  return call("PATCH", `/v1/tickets/${ticket}`, { version, attributes: { map: "bay" } });
};
const cancel = async (id: string) => call("DELETE", `/v1/tickets/${(await playerOf(id)).ticket}`);
/** As matchmaker and mover do it. */
const commit = async (queue: string, match: string, ...players: string[]) => {
  const tickets = await Promise.all(players.map(ticketOf));
  const named = queues.get(queue) ?? duel;
  expect(await commitAll(test.store, connection, queues, [proposalFor(named, match, tickets)])).toEqual(["committed"]);
};
const matched = async (queue: string, match: string, ...players: string[]) => {
  for (const player of players) expect((await enqueue(queue, player)).status).toBe(201);
  await commit(queue, match, ...players);
};
const inMatch = (match: string, name: string, player: string) =>
  call("POST", `/v1/matches/${match}/${name}`, { player });
const watching = async () => {
  await matched("duel", "m_2", "xia", "yan");
  return inMatch("m_2", "spectate", "ann");
};
const expire = async (id: string) => {
  aheadMs += 60_001;
  await test.store.endTicket((await playerOf(id)).ticket, "expired");
};

/** What brings ann, and her ticket, into a state, and what moves them on. */
interface Step {
  given?: () => Promise<unknown>;
  when: () => Promise<unknown>;
}
type Steps<Table> = { [From in keyof Table]: { [To in keyof Table[From]]: Step } };

const PLAYER_STEPS: Steps<typeof PLAYER_TRANSITIONS> = {
  idle: {
    inqueue: { when: () => enqueue("duel", "ann") },
    inspector: { when: watching },
  },
  inqueue: {
    inqueue: { given: () => enqueue("duel", "ann"), when: () => change("ann") },
    idle: { given: () => enqueue("duel", "ann"), when: () => cancel("ann") },
    pending: { given: () => enqueue("asked", "ann"), when: () => matchWithBob("asked") },
    inmatch: { given: () => enqueue("duel", "ann"), when: () => matchWithBob("duel") },
  },
  pending: {
    inmatch: {
      given: () => matched("asked", "m_1", "ann", "bob"),
      when: () => Promise.all(["ann", "bob"].map((player) => inMatch("m_1", "accept", player))),
    },
    inqueue: {
      given: async () => {
        await matched("asked", "m_1", "ann", "bob");
        await inMatch("m_1", "accept", "ann");
      },
      when: () => inMatch("m_1", "decline", "bob"),
    },
    idle: { given: () => matched("asked", "m_1", "ann", "bob"), when: () => inMatch("m_1", "decline", "ann") },
  },
  inmatch: {
    idle: { given: () => matched("duel", "m_1", "ann", "bob"), when: () => call("POST", "/v1/matches/m_1/end", {}) },
    inqueue: { given: () => matched("hall", "m_1", "ann", "bob"), when: () => inMatch("m_1", "leave", "bob") },
  },
  inspector: {
    idle: { given: watching, when: () => inMatch("m_2", "leave", "ann") },
  },
};

const matchWithBob = async (queue: string) => {
  await enqueue(queue, "bob");
  await commit(queue, "m_1", "ann", "bob");
};

const TICKET_STEPS: Steps<typeof TICKET_TRANSITIONS> = {
  queued: {
    queued: PLAYER_STEPS.inqueue.inqueue,
    pending: PLAYER_STEPS.inqueue.pending,
    matched: PLAYER_STEPS.inqueue.inmatch,
    cancelled: PLAYER_STEPS.inqueue.idle,
    expired: { given: () => enqueue("duel", "ann"), when: () => expire("ann") },
  },
  pending: {
    queued: PLAYER_STEPS.pending.inqueue,
    matched: PLAYER_STEPS.pending.inmatch,
    cancelled: PLAYER_STEPS.pending.idle,
  },
  matched: {},
  cancelled: {},
  expired: {},
};

const rows = (steps: Record<string, Record<string, Step>>) =>
  Object.entries(steps).flatMap(([from, targets]) =>
    Object.entries(targets).map(([to, step]): [string, string, Step] => [from, to, step]),
  );

describe("a player", () => {
  it.each(rows(PLAYER_STEPS))("goes from %s to %s", async (from, to, { given, when }) => {
    await given?.();
    const before = await playerOf("ann");
    expect(before.state).toBe(from);
    await when();
    const after = await playerOf("ann");
    expect(after.state).toBe(to);
    expect(after.version).toBeGreaterThan(before.version);
    expect(await test.inconsistencies()).toEqual([]);
  });

  const IN_STATE: Record<PlayerStateName, () => Promise<unknown>> = {
    idle: async () => {},
    inqueue: () => enqueue("duel", "ann"),
    pending: () => matched("asked", "m_1", "ann", "bob"),
    inmatch: () => matched("duel", "m_1", "ann", "bob"),
    inspector: watching,
  };
  it.each(Object.entries(IN_STATE))(
    "that is %s may queue, and watch another match, only when idle",
    async (state, given) => {
      await given();
      await matched("duel", "m_3", "quy", "ria");
      const before = await playerOf("ann");
      const calls = [() => enqueue("hall", "ann"), () => inMatch("m_3", "spectate", "ann")];
      if (state === "idle") {
        expect((await enqueue("hall", "ann")).status).toBe(201);
        await cancel("ann");
        expect((await inMatch("m_3", "spectate", "ann")).status).toBe(200);
        return;
      }
      for (const refused of calls) {
        const { status, body } = await refused();
        expect([status, body.code]).toEqual([409, "PLAYER_BUSY"]);
        expect(body.detail).toContain(`ann is ${state}`);
        expect(body.players).toMatchObject([{ id: "ann", state }]);
      }
      expect(await playerOf("ann")).toEqual(before);
      expect(await test.inconsistencies()).toEqual([]);
    },
  );
});

describe("a ticket", () => {
  it.each(rows(TICKET_STEPS))("goes from %s to %s", async (from, to, { given, when }) => {
    await given?.();
    const { ticket } = await playerOf("ann");
    const read = async () => (await call("GET", `/v1/tickets/${ticket}`)).body;
    const before = await read();
    expect(before.status).toBe(from);
    await when();
    const after = await read();
    expect(after).toMatchObject({ status: to, createdAt: before.createdAt });
    expect(after.version).toBe(before.version + (to === "queued" ? 1 : 0));
    expect(await test.inconsistencies()).toEqual([]);
  });

  /** For each status: what a change, a cancel and another enqueue of its player are answered. */
  const CALLS: Record<
    TicketStatus,
    { given: () => Promise<unknown>; change: "ok" | ErrorCode; cancel: string; enqueue: "ok" | ErrorCode }
  > = {
    queued: { given: () => enqueue("duel", "ann"), change: "ok", cancel: "cancelled", enqueue: "PLAYER_BUSY" },
    pending: {
      given: () => matched("asked", "m_1", "ann", "bob"),
      ...{ change: "TICKET_OVER", cancel: "matched", enqueue: "PLAYER_BUSY" },
    },
    matched: {
      given: () => matched("duel", "m_1", "ann", "bob"),
      ...{ change: "TICKET_OVER", cancel: "matched", enqueue: "PLAYER_BUSY" },
    },
    cancelled: {
      given: async () => {
        await enqueue("duel", "ann");
        await cancel("ann");
      },
      ...{ change: "TICKET_OVER", cancel: "cancelled", enqueue: "ok" },
    },
    expired: {
      given: async () => {
        await enqueue("duel", "ann");
        await expire("ann");
      },
      ...{ change: "TICKET_OVER", cancel: "expired", enqueue: "ok" },
    },
  };
  it.each(Object.entries(CALLS))("that is %s says to each call what is", async (status, expected) => {
    await expected.given();
    const { ticket } = await playerOf("ann");
    const outcomes = [
      [expected.change, await change("ann"), status],
      [expected.enqueue, await enqueue("hall", "ann"), "ann is"],
    ] as const;
    for (const [outcome, answer, reason] of outcomes) {
      if (outcome === "ok") {
        expect(answer.status).toBeLessThan(300);
        continue;
      }
      expect([answer.status, answer.body.code]).toEqual([ERRORS[outcome].status, outcome]);
      expect(answer.status).toBe(409);
      expect(answer.body.detail).toContain(reason);
    }
    const cancelled = await call("DELETE", `/v1/tickets/${ticket}`);
    expect([cancelled.status, cancelled.body.outcome]).toEqual([200, expected.cancel]);
    if (expected.cancel === "matched") expect(cancelled.body.match.id).toBe("m_1");
    expect(await test.inconsistencies()).toEqual([]);
  });
});

describe("a player whose cool-down runs", () => {
  it("is refused with the time to wait, alone and in a batch, where the others are queued", async () => {
    await matched("asked", "m_1", "ann", "bob");
    await inMatch("m_1", "decline", "ann");
    const { status, headers, body } = await enqueue("asked", "ann");
    expect([status, body.code, headers["retry-after"], body.retryAfterS]).toEqual([409, "COOLDOWN", "10", 10]);
    expect(body.detail).toContain("ann declined or left a match");
    const tickets = ["ann", "cat"].map((id) => ({ players: [{ id, elo: 1_000 }] }));
    const batch = await call("POST", "/v1/queues/asked/tickets/batch", { tickets });
    expect(batch.body.results).toMatchObject([
      { status: 409, error: { code: "COOLDOWN", retryAfterS: 10 } },
      { status: 201, ticket: { status: "queued" } },
    ]);
    // Queues without cool-downs don't ask for them.
    expect((await enqueue("duel", "ann")).status).toBe(201);
    await cancel("ann");
    aheadMs += 10_001;
    expect((await enqueue("asked", "ann")).status).toBe(201);
  });
});
