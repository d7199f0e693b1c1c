import { systemIds } from "@muster/core/service";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTestStore, type TestStore } from "../testing/open-test-store.ts";
import { anyEntry, sampleInstantQueue } from "../testing/sample-instant.ts";
import { type InstantNews, openInstantFeed } from "./instant-feed.ts";

const queue = sampleInstantQueue();
let test: TestStore;
beforeAll(async () => {
  test = await openTestStore();
});
afterAll(() => test?.stop());

const enter = async (user: string, alias: string) => {
  const outcome = await test.store.instant.enter(queue, user, systemIds.ticket(), anyEntry(alias));
  if (outcome.outcome !== "waiting") throw new Error(`${user} doesn't wait`);
  return outcome.ticket;
};

it("finds in Redis who came, who is gone and who changed without being heard, and tells nothing of the others", async () => {
  const same = await enter("ann", "ann1");
  const old = await enter("bob", "bob1");
  const changed = await enter("bob", "bob2");
  expect(changed).toMatchObject({ id: old.id, version: old.version + 1 });
  await enter("cat", "cat1");
  const known = new Map([
    [same.id, { alias: "ann1", version: same.version }],
    [old.id, { alias: "bob1", version: old.version }],
    ["t_gone", { alias: "gone1", version: 1 }],
  ]);
  const news: InstantNews[] = [];
  const feed = await openInstantFeed({
    ...{ url: test.redis.url, keys: test.store.keys, name: "test", store: test.store.instant },
    ...{ onNews: (each) => news.push(each), known: () => known },
  });
  try {
    expect(news).toHaveLength(1);
    expect(news[0]?.added?.map(({ alias }) => alias).sort()).toEqual(["bob2", "cat1"]);
    expect(news[0]?.added?.find(({ alias }) => alias === "bob2")).toMatchObject({ version: changed.version });
    expect(news[0]?.gone).toEqual(["gone1"]);
  } finally {
    await feed.close();
  }
});
