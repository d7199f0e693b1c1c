export { createAdmission } from "./admission.ts";
export type { OperationContext } from "./context.ts";
export { endRated } from "./end-rated.ts";
export { enqueue } from "./enqueue.ts";
export { createNewTicketSearches, type NewTicketSearches } from "./search/new-ticket-searches.ts";
export { orchestrator } from "./service.ts";
export { sweeper } from "./sweeper/service.ts";
