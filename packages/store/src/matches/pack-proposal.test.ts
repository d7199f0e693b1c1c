import type { Proposal } from "@muster/core";
import { describe, expect, it } from "vitest";
import { proposalsOf, toCommitJob } from "./pack-proposal.ts";

const tickets: Proposal["tickets"] = [
  { id: "t_party", version: 3, elo: 1_250, createdAt: 1_000, tries: 2, players: ["ann", "bob"] },
  { id: "t_solo", version: 1, elo: 1_301.5, createdAt: 2_000, players: ["cat"] },
];
const duel: Proposal = {
  ...{ id: "m_1", queue: "ranked", tickets, eloGap: 51.5, quality: 0.875 },
  teams: [
    {
      name: "red",
      players: [
        { id: "bob", elo: 1_200, ticket: "t_party", role: "tank" },
        { id: "ann", elo: 1_300, ticket: "t_party" },
      ],
    },
    { name: "blue", players: [{ id: "cat", elo: 1_301.5, ticket: "t_solo" }], open: 1 },
  ],
};
const join: Proposal = {
  ...duel,
  ...{ id: "m_2", join: { version: 4 }, region: "eu-west" },
  waiting: [{ id: "t_solo", version: 1, createdAt: 2_000, tries: 0, elo: 1_300, players: [{ id: "cat", elo: 1_300 }] }],
};

describe("proposals in a commit job", () => {
  it("come out as they went in", () => {
    const job = toCommitJob("ranked", [duel, join], "matchmaker-1");
    expect(proposalsOf(JSON.parse(JSON.stringify(job)))).toEqual([duel, join]);
    expect(job).toMatchObject({ v: 2, queue: "ranked", by: "matchmaker-1" });
  });

  it("name each id once", () => {
    const text = JSON.stringify(toCommitJob("ranked", [duel]));
    for (const id of ["t_party", "t_solo", "ann", "bob", "cat"]) expect(text.split(id)).toHaveLength(2);
  });
});
