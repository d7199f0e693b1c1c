export { startTestPostgres, type TestPostgres } from "./postgres-server.ts";
