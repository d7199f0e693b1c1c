export { InstantTestClient } from "./instant-client.ts";
