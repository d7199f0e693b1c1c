import { Value } from "typebox/value";
import { expect, it } from "vitest";
import { ERRORS, type ErrorCode } from "./error-catalogue.ts";
import { MusterError, Problem, toProblem } from "./errors.ts";

it.each(Object.keys(ERRORS) as ErrorCode[])("%s becomes a problem as the API documents it", (code) => {
  const problem = toProblem(new MusterError(code, "what to do next"));
  expect(Value.Errors(Problem, problem)).toEqual([]);
  expect(problem).toMatchObject({ code, status: ERRORS[code].status, detail: "what to do next" });
});

it("names the first field at fault beside the list of all", () => {
  const faults = [
    { field: "players[0].elo", message: "is missing" },
    { field: "players[1].id", message: "is missing" },
  ];
  expect(toProblem(new MusterError("INVALID", "no", { faults }))).toMatchObject({
    field: "players[0].elo",
    errors: faults,
  });
});

it("asks for another try only where one may help", () => {
  const retryable = Object.entries(ERRORS).filter(([, { retryable }]) => retryable);
  expect(retryable.map(([code]) => code)).toEqual(["TOO_MANY_REQUESTS", "OVERLOADED", "STORE_UNAVAILABLE"]);
});
