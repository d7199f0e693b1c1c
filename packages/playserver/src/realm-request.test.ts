import { MusterError } from "@muster/core";
import { describe, expect, it } from "vitest";
import { parseRealmRequest } from "./realm-request.ts";

describe("a realm's frame", () => {
  it("is read as what it asks for", () => {
    expect(parseRealmRequest('{"op":"watch","players":["anna","b@c|d=1"]}')).toEqual({
      op: "watch",
      players: ["anna", "b@c|d=1"],
    });
    expect(parseRealmRequest('{"op":"unwatch","players":["anna"]}').op).toBe("unwatch");
  });

  it.each([
    ["not JSON", "watch anna", /^frame must be JSON/],
    ["no object", '["watch"]', /^frame must be a JSON object like/],
    ["null", "null", /^frame must be a JSON object like/],
    ["no op", '{"players":["anna"]}', /^op is missing; it must be "watch", "unwatch", "hold", "release" or "ping"$/],
    [
      "an unknown op",
      '{"op":"follow","players":["anna"]}',
      /^op must be "watch", "unwatch", "hold", "release" or "ping"$/,
    ],
    ["an op that every object has", '{"op":"toString","players":["anna"]}', /^op must be/],
    ["no players", '{"op":"watch"}', /^players is missing$/],
    ["players that are no list", '{"op":"watch","players":"anna"}', /^players must be array$/],
    ["an empty list", '{"op":"watch","players":[]}', /^players must not have fewer than 1/],
    ["an odd id", '{"op":"watch","players":["anna","b c"]}', /^players\[1\] must be 1 to 64 letters/],
    ["an id that begins with a dash", '{"op":"watch","players":["-probe"]}', /^players\[0\] must be 1 to 64 letters/],
    ["an id that is no text", '{"op":"watch","players":[7]}', /^players\[0\] must be string$/],
    ["a long id", `{"op":"watch","players":["${"x".repeat(65)}"]}`, /^players\[0\] must/],
    ["an unknown field", '{"op":"watch","players":["anna"],"since":3}', /^since is not a field that is known here/],
    [
      "too many players",
      JSON.stringify({ op: "watch", players: Array.from({ length: 3_001 }, (_, index) => `p${index}`) }),
      /^players must not have more than 3000 items; send fewer at a time$/,
    ],
  ])("is refused by the name of its field: %s", (_, text, message) => {
    const error = catchError(() => parseRealmRequest(text));
    expect(error).toBeInstanceOf(MusterError);
    expect(error).toMatchObject({ code: "INVALID", message: expect.stringMatching(message) });
  });
});

const catchError = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
};
