import { expect, it } from "vitest";
import { createOriginRule } from "./origins.ts";

const forbidden = expect.objectContaining({ code: "FORBIDDEN" });
const verdict = (rule: ReturnType<typeof createOriginRule>, origin?: string, host = "10.0.0.5:8080") => {
  try {
    rule({ ...(origin !== undefined && { origin }), host });
    return "may";
  } catch (error) {
    expect(error).toEqual(forbidden);
    return "may not";
  }
};

it.each([
  ["a client that is no page", undefined, "may"],
  ["a page of another address", "https://evil.example", "may not"],
  ["a page of this address", "http://10.0.0.5:8080", "may"],
  ["a page of this address, at another port", "http://10.0.0.5:3000", "may not"],
  ["a page of this machine", "http://localhost:3000", "may"],
  ["a page of this machine, by number", "http://127.0.0.1:5173", "may"],
  ["a page of this machine, by its newer number", "http://[::1]:5173", "may"],
  ["a page whose name only begins like this machine's", "http://localhost.evil.example", "may not"],
  ["a page without an address of its own", "null", "may not"],
  ["what is no origin", "\u0000", "may not"],
])("without keys %s (%s) %s call", (_, origin, expected) => {
  expect(verdict(createOriginRule(undefined, false), origin)).toBe(expected);
});

it("without keys a name that was led here doesn't make a page one of this address", () => {
  expect(verdict(createOriginRule(undefined, false), "http://evil.example:8080", "evil.example:8080")).toBe("may not");
});

it("where keys are in use any page may call, with a key; unless those that may are named", () => {
  expect(verdict(createOriginRule(undefined, true), "https://evil.example")).toBe("may");
  const named = createOriginRule("https://game.example,http://play.example:8443", true);
  expect(verdict(named, "https://evil.example")).toBe("may not");
  expect(verdict(named, "https://game.example")).toBe("may");
  expect(verdict(named, "http://play.example:8443")).toBe("may");
  expect(verdict(named, "https://muster.example", "muster.example")).toBe("may");
});

it("without keys named pages may call too", () => {
  expect(verdict(createOriginRule("https://game.example", false), "https://game.example")).toBe("may");
  expect(verdict(createOriginRule("https://game.example", false), "https://evil.example")).toBe("may not");
});
