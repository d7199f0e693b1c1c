import { describe, expect, it } from "vitest";
import { queueOf } from "./test-support.ts";
import { unfitFor } from "./unfit-for.ts";

const hunt = queueOf({
  teams: [
    { name: "hunter", size: 1 },
    { name: "prey", size: 4 },
  ],
  maxPartySize: 4,
});
const trio = queueOf({ teams: { count: 2, size: 3, roles: { tank: 1, healer: 1, dps: 1 } }, maxPartySize: 3 });
const players = (...roles: (string[] | undefined)[]) =>
  roles.map((accepted, index) => ({ id: `p${index}`, ...(accepted && { roles: accepted }) }));

describe("a ticket could be in a match of a queue", () => {
  it.each([
    ["with a team that it names", hunt, players(undefined), ["hunter"], undefined],
    ["not with a team that the queue doesn't have", hunt, players(undefined), ["bystander"], "unknownTeam"],
    ["not with the number of a team that is like all others", trio, players(undefined), ["1"], "unknownTeam"],
    [
      "not when its party is larger than the team it names",
      hunt,
      players(undefined, undefined),
      ["hunter"],
      "tooLarge",
    ],
    ["in a larger team", hunt, players(undefined, undefined), undefined, undefined],
    ["not when its party is larger than any team", trio, players(...new Array(4)), undefined, "tooLarge"],
    ["with roles that a team has for it", trio, players(["tank"], ["healer", "tank"]), undefined, undefined],
    ["not with one role for two", trio, players(["tank"], ["tank"]), undefined, "roles"],
    ["not with a role that nobody knows", trio, players(["bard"]), undefined, "unknownRole"],
  ])("%s", (_, queue, given, teams, answer) => {
    expect(unfitFor(queue, given, teams)).toBe(answer);
  });

  it("with one role for two when some step fills roles in", () => {
    const filled = { ...trio, steps: [{ fromTry: 0 }, { fromTry: 9, autofill: true }] };
    expect(unfitFor(filled, players(["tank"], ["tank"]))).toBeUndefined();
  });
});
