import { DUEL_TEAMS, type Proposal } from "@muster/core";
import { describe, expect, it } from "vitest";
import { proposalsOf, toCommitJob } from "./pack-proposal.ts";

const cat = {
  id: "t_cat",
  version: 1,
  tries: 0,
  createdAt: 2_000,
  elo: 1_301.5,
  players: [{ id: "cat", elo: 1_301.5 }],
};
const dan = { id: "t_dan", version: 7, tries: 4, createdAt: 900, elo: 1_300, players: [{ id: "dan", elo: 1_300 }] };
const party = {
  ...{ id: "t_party", version: 3, tries: 2, createdAt: 1_000, elo: 1_250 },
  players: [
    { id: "ann", elo: 1_200 },
    { id: "bob", elo: 1_300 },
  ],
};
const duel: Proposal = {
  ...{ id: "m_1", queue: "ranked", eloGap: 1.5, quality: 0.875, tickets: [cat, dan], teams: DUEL_TEAMS },
};
const uneven: Proposal = {
  ...{ id: "m_2", queue: "ranked", eloGap: 51.5, quality: 0.5, tickets: [cat, party, dan] },
  teams: [
    { name: "red", tickets: [1], roles: ["tank", "healer"] },
    { name: "blue", tickets: [2, 0] },
  ],
};
const join: Proposal = {
  ...{ id: "m_3", queue: "ranked", eloGap: 0, quality: 1, join: { version: 4 }, region: "eu-west" },
  tickets: [{ ...cat, teams: ["blue"], players: [{ id: "cat", elo: 1_301.5, avgPingMs: 30, roles: ["tank"] }] }],
  teams: [
    { name: "red", tickets: [] },
    { name: "blue", tickets: [0], roles: ["tank"], open: 1 },
  ],
  effectiveTries: [-0.5],
};
const sent = (...proposals: Proposal[]) => JSON.stringify(toCommitJob("ranked", proposals, "matchmaker-1"));

describe("proposals in a commit job", () => {
  it("come out as they went in", () => {
    const placed = { ...duel, region: "eu-west" };
    expect(proposalsOf(JSON.parse(sent(duel, placed, uneven, join)))).toEqual([duel, placed, uneven, join]);
    expect(JSON.parse(sent(duel))).toMatchObject({ v: 3, queue: "ranked", by: "matchmaker-1" });
  });

  it("leave out what a commit doesn't look at, unless who joins later is held against it", () => {
    const players = [{ id: "cat", elo: 1_301.5, avgPingMs: 30, attributes: { map: "dust" }, latencyMs: { eu: 20 } }];
    const told = { ...duel, tickets: [{ ...cat, teams: ["1"], players }, dan] };
    expect(proposalsOf(JSON.parse(sent(told)))).toEqual([duel]);
    const open = { ...told, effectiveTries: [0, 4] };
    expect(proposalsOf(JSON.parse(sent(open)))).toEqual([open]);
  });

  it("name each id once", () => {
    for (const id of ["t_cat", "t_party", "t_dan", "ann", "bob"]) expect(sent(uneven).split(`"${id}"`)).toHaveLength(2);
  });
});
