export { type Criteria, criteriaFor } from "./criteria.ts";
export { findMatches, type Search, type SearchResult } from "./find-matches.ts";
