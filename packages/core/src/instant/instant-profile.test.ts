import { expect, it } from "vitest";
import { MusterError } from "../errors.ts";
import { createProfileCheck, MAX_PROFILE_BYTES } from "./instant-profile.ts";

const check = createProfileCheck({
  fields: {
    style: { type: "choice", values: ["casual", "hard"], required: true },
    languages: { type: "choices", values: ["de", "en"] },
    age: { type: "number", min: 18, max: 99 },
    voice: { type: "boolean" },
    about: { type: "text", maxLength: 512 },
  },
  expireAfterMs: 1_000,
  matchLengthMs: 1_000,
  maxWaiting: 10,
});

const faultOf = (user_data: unknown, user_preferences: unknown = {}) => {
  try {
    check({ user_data, user_preferences });
    return undefined;
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    expect(error.code).toBe("INVALID");
    return error.details.faults?.[0]?.field;
  }
};

it.each([
  [{ style: "casual", languages: ["de"], age: 18, voice: true, about: "hi" }, {}],
  [
    { style: "hard" },
    { style: { oneOf: ["hard"] }, age: { min: 20 }, languages: { anyOf: ["de"] }, voice: { is: true } },
  ],
])("takes %j with %j", (data, preferences) => {
  expect(faultOf(data, preferences)).toBeUndefined();
});

it.each([
  [{}, {}, "user_data.style"],
  [{ style: "other" }, {}, "user_data.style"],
  [{ style: "hard", email: "ann@example.org" }, {}, "user_data.email"],
  [{ style: "hard", age: 17 }, {}, "user_data.age"],
  [{ style: "hard", languages: ["de", "de"] }, {}, "user_data.languages"],
  [{ style: "hard", languages: ["xx"] }, {}, "user_data.languages[0]"],
  [{ style: "hard", voice: "yes" }, {}, "user_data.voice"],
  [{ style: "hard", about: "x".repeat(513) }, {}, "user_data.about"],
  [{ style: "hard" }, { about: { oneOf: ["x"] } }, "user_preferences.about"],
  [{ style: "hard" }, { age: {} }, "user_preferences.age"],
  [{ style: "hard" }, { age: { min: "20" } }, "user_preferences.age.min"],
  [{ style: "hard" }, { style: { is: true } }, "user_preferences.style.oneOf"],
  [{ style: "hard" }, { height: { min: 1 } }, "user_preferences.height"],
  ["hard", {}, "user_data"],
  [null, {}, "user_data"],
  [{ style: "hard", about: "é".repeat(MAX_PROFILE_BYTES / 2) }, {}, "user_data"],
])("refuses %j with %j and names %s", (data, preferences, field) => {
  expect(faultOf(data, preferences)).toBe(field);
});
