import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accepts, type FieldPreference, fits, type UserProfile } from "./compare.ts";
import type { InstantDefinition } from "./instant-definition.ts";
import { createProfileCheck } from "./instant-profile.ts";

const VALUES = ["de", "en", "fr"];
const fields: InstantDefinition["fields"] = {
  style: { type: "choice", values: VALUES },
  languages: { type: "choices", values: VALUES },
  age: { type: "number", min: 18, max: 99 },
  voice: { type: "boolean" },
};
const definition = { fields, expireAfterMs: 1_000, matchLengthMs: 1_000, maxWaiting: 10 };

const value = fc.constantFrom(...VALUES);
const some = fc.uniqueArray(value);
const age = fc.integer({ min: 18, max: 99 });
const optional = { requiredKeys: [] };
/** Profiles that the definition allows. */
const profile: fc.Arbitrary<UserProfile> = fc.record({
  user_data: fc.record({ style: value, languages: some, age, voice: fc.boolean() }, optional),
  user_preferences: fc.record(
    {
      style: fc.record({ oneOf: some }),
      languages: fc.oneof(
        fc.record({ anyOf: some }),
        fc.record({ allOf: some }),
        fc.record({ anyOf: some, allOf: some }),
      ),
      age: fc.oneof(fc.record({ min: age }), fc.record({ max: age }), fc.record({ min: age, max: age })),
      voice: fc.record({ is: fc.boolean() }),
    },
    optional,
  ),
});

describe("whatever two users say", () => {
  it("the definition's check takes it as it is", () => {
    const check = createProfileCheck(definition);
    fc.assert(fc.property(profile, (one) => check(one) === one));
  });

  it("they fit both ways or not at all", () => {
    fc.assert(fc.property(profile, profile, (one, other) => fits(one, other) === fits(other, one)));
  });

  it("they fit just when each accepts the other", () => {
    fc.assert(
      fc.property(profile, profile, (one, other) => {
        const mutual = accepts(one.user_preferences, other.user_data) && accepts(other.user_preferences, one.user_data);
        return fits(one, other) === mutual;
      }),
    );
  });

  it("a preference less never makes anybody unfit", () => {
    fc.assert(
      fc.property(profile, profile, fc.constantFrom("style", "languages", "age", "voice"), (one, other, field) => {
        const { [field]: _, ...fewer } = one.user_preferences;
        return !accepts(one.user_preferences, other.user_data) || accepts(fewer, other.user_data);
      }),
    );
  });

  it("what they accept is what a plain reading of each preference says", () => {
    fc.assert(
      fc.property(
        profile,
        profile,
        ({ user_preferences: { style, languages, age: ages, voice } }, { user_data: data }) => {
          const {
            style: s,
            languages: l,
            age: a,
            voice: v,
          } = data as {
            style?: string;
            languages?: string[];
            age?: number;
            voice?: boolean;
          };
          const plain =
            (!style || (s !== undefined && style.oneOf?.includes(s) === true)) &&
            (!languages ||
              (l !== undefined &&
                (!languages.anyOf || l.filter((each) => languages.anyOf?.includes(each)).length > 0) &&
                (!languages.allOf || languages.allOf.filter((each) => !l.includes(each)).length === 0))) &&
            (!ages || (a !== undefined && a >= (ages.min ?? 0) && a <= (ages.max ?? 1_000))) &&
            (!voice || v === voice.is);
          return (
            accepts(
              {
                ...(style && { style }),
                ...(languages && { languages }),
                ...(ages && { age: ages }),
                ...(voice && { voice }),
              },
              data,
            ) === plain
          );
        },
      ),
    );
  });
});

describe("a preference", () => {
  const cases: [FieldPreference, string | number | boolean | string[] | undefined, boolean][] = [
    [{ oneOf: ["de"] }, "de", true],
    [{ oneOf: [] }, "de", false],
    [{ min: 20, max: 20 }, 20, true],
    [{ min: 20 }, "20", false],
    [{ is: false }, false, true],
    [{ is: false }, undefined, false],
    [{ anyOf: ["de", "en"] }, ["en"], true],
    [{ anyOf: [] }, ["en"], false],
    [{ allOf: [] }, [], true],
    [{ anyOf: ["de"] }, "de", false],
    [{ oneOf: ["de"] }, undefined, false],
  ];
  it.each(cases)("%j of %j: %s", (preference, told, expected) => {
    expect(accepts({ field: preference }, told === undefined ? {} : { field: told })).toBe(expected);
  });

  it("looks at no property that every object has", () => {
    expect(accepts({ constructor: { is: true } }, {})).toBe(false);
  });
});
