import type { Proposal } from "@muster/core";
import { silentLogger } from "@muster/core/service";
import { toCommitJob } from "@muster/store";
import { duelProposal, openTestStore, sampleQueue, solo, type TestStore } from "@muster/store/testing";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type CommitDeps, commit } from "./commit.ts";
import { type CommitConnections, createCommitConnections } from "./commit-connections.ts";

const duel = sampleQueue();
let test: TestStore;
let connections: CommitConnections;
beforeAll(async () => {
  test = await openTestStore();
  connections = createCommitConnections(test.redis.url, "commit", "main");
});
afterAll(async () => {
  await connections.close();
  await test.stop();
});
beforeEach(async () => {
  await test.raw.flushall();
  await test.store.holdLease("me", 60_000);
});

const deps = (changes: Partial<CommitDeps> = {}): CommitDeps => ({
  store: test.store,
  connections,
  fence: "me",
  queues: new Map([["duel", duel]]),
  stepDown: () => {},
  log: silentLogger,
  ...changes,
});

const enqueue = (players: readonly string[]) =>
  test.store.enqueueTickets(
    duel,
    players.map((player) => ({ id: `t_${player}`, request: solo(player) })),
  );

const duelOf = (a: string, b: string): Proposal =>
  duelProposal(`m_${a}_${b}`, [
    [`t_${a}`, a],
    [`t_${b}`, b],
  ]);

const stateOf = async (player: string) => (await test.store.readPlayer(player)).state;

it("commits more proposals than fit into one transaction", async () => {
  const pairs = Array.from({ length: 100 }, (_, n) => [`a${n}`, `b${n}`] as const);
  await enqueue(pairs.flat());
  await commit(
    deps(),
    toCommitJob(
      duel.name,
      pairs.map(([a, b]) => duelOf(a, b)),
    ),
  );
  for (const [a, b] of pairs) expect([await stateOf(a), await stateOf(b)]).toEqual(["inmatch", "inmatch"]);
  expect(await test.inconsistencies()).toEqual([]);
});

it("sends the tickets of a dropped proposal that still wait back to be searched for at once, without a try more", async () => {
  await enqueue(["ann", "bob", "cat", "dan"]);
  await test.store.endTicket("t_bob", "cancelled");
  await commit(deps(), toCommitJob(duel.name, [duelOf("ann", "bob"), duelOf("cat", "dan")]));
  expect(await stateOf("cat")).toBe("inmatch");
  const [due] = await test.store.claimDue("duel", 10);
  expect(due).toMatchObject({ id: "t_ann", tries: 0 });
  expect(await test.inconsistencies()).toEqual([]);
});

it("tries an aborted transaction again match by match, so that one change costs no other its match", async () => {
  await enqueue(["ann", "bob", "cat", "dan"]);
  let interrupted = false;
  const racing: Pick<CommitConnections, "use"> = {
    use: (run) =>
      connections.use(async (connection) => {
        if (interrupted) return run(connection);
        interrupted = true;
        const multi = connection.multi.bind(connection);
        const spy = vi.spyOn(connection, "multi").mockImplementationOnce(() => {
          const transaction = multi();
          const exec = transaction.exec.bind(transaction);
          transaction.exec = async () => {
            await test.store.endTicket("t_ann", "cancelled");
            return exec();
          };
          return transaction;
        });
        const result = await run(connection);
        spy.mockRestore();
        return result;
      }),
  };
  await commit(deps({ connections: racing }), toCommitJob(duel.name, [duelOf("ann", "bob"), duelOf("cat", "dan")]));
  expect(interrupted).toBe(true);
  expect(await Promise.all(["ann", "bob", "cat", "dan"].map(stateOf))).toEqual([
    "idle",
    "inqueue",
    "inmatch",
    "inmatch",
  ]);
});

it("repeats a commit that no replica has confirmed, and gives up the job when none does again", async () => {
  await enqueue(["ann", "bob"]);
  const confirmCommit = vi.fn(test.store.confirmCommit);
  const unconfirmed = new Error("no replica");
  confirmCommit.mockRejectedValueOnce(unconfirmed);
  const job = toCommitJob(duel.name, [duelOf("ann", "bob")]);
  const store = { ...test.store, confirmCommit };
  const { committed } = await commit(deps({ store }), job);
  expect(committed.map(({ id }) => id)).toEqual(["m_ann_bob"]);
  expect(confirmCommit).toHaveBeenCalledTimes(2);
  confirmCommit.mockRejectedValue(unconfirmed);
  await expect(commit(deps({ store }), job)).rejects.toBe(unconfirmed);
  expect(await test.inconsistencies()).toEqual([]);
});

it("asks again on a new connection after a lost answer, and finds what was applied", async () => {
  await enqueue(["ann", "bob"]);
  let calls = 0;
  const losing: Pick<CommitConnections, "use"> = {
    use: async (run) => {
      const result = await connections.use(run);
      calls += 1;
      if (calls === 1) throw new Error("Connection is closed.");
      return result;
    },
  };
  await commit(deps({ connections: losing }), toCommitJob(duel.name, [duelOf("ann", "bob")]));
  expect(calls).toBe(2);
  expect(await stateOf("ann")).toBe("inmatch");
  expect(await test.inconsistencies()).toEqual([]);
});

it("steps down and leaves the job to the new leader when the fence is another's", async () => {
  await enqueue(["ann", "bob"]);
  const stepDown = vi.fn();
  const late = commit(deps({ fence: "old", stepDown }), toCommitJob(duel.name, [duelOf("ann", "bob")]));
  await expect(late).rejects.toThrow("another mover leads");
  expect(stepDown).toHaveBeenCalledOnce();
  expect(await stateOf("ann")).toBe("inqueue");
});

it("replaces a commit connection that ended", async () => {
  const first = await connections.use(async (connection) => connection.client("ID"));
  await test.raw.client("KILL", "ID", first);
  const second = await connections.use(async (connection) => connection.client("ID")).catch(() => undefined);
  const third = second ?? (await connections.use(async (connection) => connection.client("ID")));
  expect(third).not.toBe(first);
});
