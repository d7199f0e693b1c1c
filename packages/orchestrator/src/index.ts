export { type Admission, createAdmission } from "./admission.ts";
export type { OperationContext } from "./context.ts";
export { endRated } from "./end-rated.ts";
export { enqueue } from "./enqueue.ts";
export { handOutSearches } from "./search/hand-out-searches.ts";
export { createNewTicketSearches, type NewTicketSearches } from "./search/new-ticket-searches.ts";
export type { SearchTicket } from "./search/search-ticket.ts";
export { orchestrator } from "./service.ts";
export { sweeper } from "./sweeper/service.ts";
