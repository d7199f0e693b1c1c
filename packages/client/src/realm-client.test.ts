import { expect, it } from "vitest";
import { RealmClient } from "./realm-client.ts";

it("a player's ratings are asked for at its own address, whatever its id", async () => {
  const asked: string[] = [];
  const answer = { id: "a/b", ratings: { duel: { elo: 1_516, matches: 1 } } };
  const client = new RealmClient({
    url: "http://muster.test/",
    fetch: async (input) => {
      asked.push(String(input));
      return new Response(JSON.stringify(answer), { headers: { "content-type": "application/json" } });
    },
  });
  expect(await client.ratings("a/b")).toEqual(answer);
  expect(asked).toEqual(["http://muster.test/v1/players/a%2Fb/ratings"]);
});
