import { RealmClient } from "@muster/client";
import { expect, it } from "vitest";
import { Ledger } from "./ledger.ts";
import { Realm } from "./realm.ts";
import { seededRandom } from "./seeded-random.ts";

it("has no room for more batches while too many have no answer, and asks about their players afterwards", async () => {
  const asked: string[] = [];
  // Never answers an enqueue: it ends with the client's time limit.
  const fetch: typeof globalThis.fetch = (input, init) => {
    const path = new URL(String(input)).pathname;
    if (init?.method === "GET") {
      asked.push(path);
      const ticket = path.endsWith("p1") ? { ticket: "t1" } : {};
      return Promise.resolve(Response.json({ id: "p", state: "inqueue", version: 1, ...ticket }));
    }
    return new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  };
  const client = new RealmClient({ url: "http://muster.example", fetch, timeoutMs: 50 });
  const ledger = new Ledger({ teams: { count: 2, size: 1 } });
  const clock = { now: () => 1_000 };
  const random = seededRandom(1);
  const realm = new Realm({ client, ledger, clock, random, queue: "duel", cancelShare: 0, matchForMs: 1 });
  let sent = 0;
  for (; realm.hasRoom; sent++) {
    const player = { id: `p${sent}`, elo: 1_000, avgPingMs: 30 };
    ledger.sent(player);
    realm.send([player]);
  }
  expect(sent).toBe(40);
  await realm.allAnswered();
  expect(realm.hasRoom).toBe(true);
  await realm.readUnanswered();
  expect(asked).toHaveLength(sent);
  expect(ledger.lives.counts()).toMatchObject({ enqueued: 1 });
  expect(ledger.lives.unanswered()).toHaveLength(sent - 1);
  realm.throwDefect();
});
