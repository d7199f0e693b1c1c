import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { type JobKind, openProducer, openWorker } from "./jobs.ts";
import { openTestStore, type TestStore } from "./testing/index.ts";

let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test.stop());

/** The queues of three jobs, added in the order of their names, in the order in which a worker takes them. */
const taken = async (kind: JobKind): Promise<string[]> => {
  const options = { url: test.redis.url, keys: test.store.keys, name: "jobs-test" };
  const producer = openProducer(kind, options);
  onTestFinished(() => producer.close());
  const queues: string[] = [];
  const errors: Error[] = [];
  const worker = openWorker(
    kind,
    { ...options, concurrency: 1, onHold: true, onError: (error) => errors.push(error) },
    async ({ queue }) => void queues.push(queue),
  );
  onTestFinished(() => worker.close());
  for (const queue of ["a", "b", "c"]) await producer.add({ v: 3, queue, serve: [], candidates: [], proposals: [] });
  expect(await producer.waiting()).toBe(3);
  expect(queues).toEqual([]);
  worker.run();
  await expect.poll(() => queues.length, { timeout: 10_000 }).toBe(3);
  expect(errors).toEqual([]);
  return queues;
};

it("has the newest proposals committed first, and searches in turn, by a worker that waits until it is told to run", async () => {
  expect(await taken("commit")).toEqual(["c", "b", "a"]);
  expect(await taken("search")).toEqual(["a", "b", "c"]);
});
