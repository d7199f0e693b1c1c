export { checkQueue } from "./check-queue.ts";
export { type Criteria, criteriaFor } from "./criteria.ts";
export { type ExplanationRequest, explain } from "./explain.ts";
export { findMatches, type Search, type SearchResult } from "./find-matches.ts";
export { type Neighbour, type Neighbourhood, neighbourhoods } from "./neighbourhoods.ts";
export { premadeLevel } from "./premade.ts";
export { winProbability } from "./quality.ts";
export { regionOf } from "./rules/terms.ts";
export { type Unfit, unfitFor } from "./unfit-for.ts";
