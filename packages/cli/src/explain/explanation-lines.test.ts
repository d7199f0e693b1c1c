import type { ExplainAnswer } from "@muster/core";
import { expect, it } from "vitest";
import { explanationLines } from "./explanation-lines.ts";

const answer: ExplainAnswer = {
  ticket: "t_1",
  queue: "duel",
  tries: 1,
  waitedMs: 1_500,
  expiresInMs: 118_500,
  criteria: { eloSpread: 50, rules: [{ rule: "equal(platform)" }, { rule: "distance(level)", max: 5 }] },
  candidates: 3,
  compatible: 0,
  players: { own: 1, compatible: 0, needed: 2 },
  refusedByOwn: 3,
  refusedByTheirs: 1,
  refusals: [
    { rule: "eloSpread", first: 3, all: 3, byOwn: 3, byTheirs: 1, later: [{ atTry: 2, inMs: 1_000, all: 1 }] },
  ],
  nearestMiss: {
    ticket: "t_2",
    refusals: [{ rule: "eloSpread", own: true, theirs: false, by: 12 }],
    passes: { atTry: 2, inMs: 1_000 },
  },
  nextWidening: { atTry: 2, inMs: 1_000, criteria: { eloSpread: 100, rules: [] }, dropped: ["equal(platform)"] },
  estimatedWaitMs: null,
};

it("tells in sentences what the API answers", () => {
  expect(explanationLines(answer)).toEqual([
    "Ticket t_1 waits in duel for 1.5 s, after 1 tries. It expires in 118.5 s.",
    "It accepts now: eloSpread 50, equal(platform), distance(level) ≤ 5.",
    "Of 3 others that wait near it, 0 and it accept each other.",
    "  eloSpread refuses 3 (this ticket 3, the others 1); still 1 at try 2",
    "Nearest miss: t_2, refused for eloSpread by 12; it will be accepted in 1.0 s.",
    "Widens in 1.0 s, at try 2: eloSpread 100.",
    "How much longer it will wait is not known: too few were matched lately, or nearly all sooner.",
  ]);
});

it("tells of a ticket that nobody refuses and that widens no more", () => {
  const lines = explanationLines({
    ...answer,
    criteria: { rules: [] },
    refusals: [],
    nearestMiss: null,
    nextWidening: null,
    estimatedWaitMs: 2_340,
  });
  expect(lines).toContain("It accepts now: anyone.");
  expect(lines).toContain("It accepts the most that it ever will.");
  expect(lines.at(-1)).toBe("It will wait for about 2.3 s more, as those did lately who had waited so long.");
});

it("tells of a party what its teams are to be like, and whom it could fill them with", () => {
  const lines = explanationLines({
    ...answer,
    criteria: {
      ...{ latencyLevelSpread: 1, teamGap: 40, premade: "near", openPlaces: 0, autofill: true },
      ...{ teams: ["red", "blue"], roles: { ann: ["tank", "dps"], bob: ["healer"] } },
      rules: [{ rule: "teamSum(level)", min: 10, max: 30, maxGap: 5, order: "rising" }],
    },
    players: { own: 2, compatible: 5, needed: 10 },
    teams: { found: false, players: 6, blockedBy: [] },
    openMatches: { seen: 3, accepting: 1, refusals: [{ rule: "places", all: 2 }] },
    partySizes: [
      { size: 1, candidates: 4, compatible: 3 },
      { size: 2, candidates: 1, compatible: 1 },
    ],
  });
  expect(lines[0]).toContain("Ticket t_1, a party of 2, waits in duel");
  expect(lines[1]).toBe(
    "It accepts now: latencyLevelSpread 1, teamGap 40, openPlaces 0, teams of parties that differ by one player, " +
      "team red or blue, ann as tank or dps, bob as healer, any role, teamSum(level) ≥ 10 and ≤ 30 and apart ≤ 5 and rising.",
  );
  expect(lines.slice(3, 10)).toEqual([
    "A match needs 10 players; with it there are 7.",
    "At most 6 of these players are found who also accept one another.",
    "  solo players: 3 of 4",
    "  parties of 2: 1 of 1",
    "  eloSpread refuses 3 (this ticket 3, the others 1); still 1 at try 2",
    "Of 3 matches that look for players it could join 1.",
    "  places keeps it out of 2",
  ]);
});

it.each([
  [{ found: true, players: 10, blockedBy: [] }, "A match is found around it now"],
  [{ found: false, players: 10, blockedBy: ["roles", "teamGap"] }, "but for roles, or but for teamGap."],
  [{ found: false, players: 10, blockedBy: [] }, "more than one thing keeps them from teams."],
])("tells of a team match what keeps it from being made: %j", (teams, text) => {
  const players = { own: 1, compatible: 9, needed: 10 };
  expect(explanationLines({ ...answer, players, teams }).join("\n")).toContain(text);
});

it("tells first that a player is away", () => {
  expect(explanationLines({ ...answer, away: ["ann", "bob"] })[1]).toBe(
    "Away: ann, bob. No search sees it until everyone is back.",
  );
});
