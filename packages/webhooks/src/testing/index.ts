export { type GotMessage, startEndpoint, TEST_SECRET, type TestEndpoint } from "./endpoint.ts";
