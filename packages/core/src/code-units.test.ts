import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codeUnitAt, fnv1a } from "./code-units.ts";

describe("code units", () => {
  it("are those of the text, of any letters, and NaN beyond it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(Array.from({ length: text.length }, (_, index) => codeUnitAt(text, index))).toEqual(
          text.split("").map((unit) => unit.charCodeAt(0)),
        );
        expect(codeUnitAt(text, text.length)).toBeNaN();
      }),
    );
  });

  it("hash to the values that the authors of FNV publish", () => {
    expect(["", "a", "foobar"].map((text) => fnv1a(text) >>> 0)).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });
});
