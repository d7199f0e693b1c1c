import type { Match, Proposal } from "@muster/core";
import { expect, it } from "vitest";
import { parsePlayerState } from "../players/player-state-text.ts";
import { sampleQueue } from "../testing/index.ts";
import { judgeProposals } from "./judge-proposals.ts";

const queue = sampleQueue();
const match: Match = {
  ...{ id: "m", queue: "duel", state: "open", version: 4, createdAt: 0, endsAt: 9, eloGap: 0, quality: 1, joined: 0 },
  teams: [
    { name: "red", players: [], open: 1 },
    { name: "blue", players: [], open: 2 },
  ],
};
const proposal: Proposal = {
  ...{ id: "m", queue: "duel", join: { version: 4 }, eloGap: 0, quality: 1 },
  tickets: [{ id: "t_ann", version: 1, tries: 0, createdAt: 0, elo: 1_000, players: [{ id: "ann", elo: 1_000 }] }],
  teams: [
    { name: "red", tickets: [0] },
    { name: "blue", tickets: [] },
  ],
};
const states = new Map([["ann", parsePlayerState("inqueue 5 5 0 t_ann 1 - duel")]]);
const judge = (of: Partial<Proposal>, into: Partial<Match> | undefined) => {
  const open = { id: "m", version: 4, openedAt: 0, teams: [] };
  const joined = new Map([["m", into && { match: { ...match, ...into }, open }]]);
  return judgeProposals([{ ...proposal, ...of }], { states, joined }, (name) =>
    name === "gone" ? undefined : { ...queue, name },
  )[0];
};

it("a join can be committed into the match that it was made from", () => {
  expect(judge({}, {})).toBeUndefined();
});

it.each([
  ["is gone, or looks for nobody", {}, undefined],
  ["has ended, though its version and places are as they were", {}, { state: "ended" as const }],
  ["is played and closed", {}, { state: "live" as const }],
  ["is another version", {}, { version: 5 }],
  ["is of another queue", {}, { queue: "pairs" }],
  ["is of a queue that is gone", { queue: "gone" }, { queue: "gone" }],
  ["has no place in the team, though in another", {}, { teams: [{ name: "blue", players: [], open: 2 }] }],
])("a join is a conflict when its match %s", (_, of, into) => {
  expect(judge(of, into)).toBe("conflict");
});
