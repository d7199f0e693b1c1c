import { expect, it } from "vitest";
import { toStateFrame } from "./state-frame.ts";

it("is the JSON of what a realm is told", () => {
  const inMatch = {
    state: "inmatch",
    version: 7,
    at: 5,
    tries: 1,
    ticket: "t_1",
    match: "m_1",
    queue: "duel",
  } as const;
  const { tries: _, queue: __, ...told } = inMatch;
  expect(JSON.parse(toStateFrame("a.b:c@d|e=f+g-h", inMatch))).toEqual({
    op: "state",
    player: "a.b:c@d|e=f+g-h",
    ...told,
  });
  const idle = { state: "idle", version: 0, at: 0, tries: 0 } as const;
  expect(toStateFrame("ann", idle)).toBe('{"op":"state","player":"ann","state":"idle","version":0,"at":0}');
});
