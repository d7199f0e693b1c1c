import { Problem } from "@muster/core";

/** The error answers of a route, for its schema. */
export const problems = (...statuses: number[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: "Problem", content: { "application/problem+json": { schema: Problem } } },
    ]),
  );
