export {
  accepts,
  type FieldPreference,
  fits,
  type UserData,
  type UserPreferences,
  type UserProfile,
} from "./compare.ts";
export {
  INSTANT_DEFAULTS,
  InstantDefinition,
  InstantField,
  instantFaults,
} from "./instant-definition.ts";
export {
  entryOf,
  INSTANT_ELO,
  type InstantEntry,
  type InstantTicketRequest,
  toInstantRequest,
} from "./instant-entry.ts";
export {
  channelOf,
  ERROR_EVENT,
  INSTANT_REQUESTS,
  type InstantReply,
  type InstantRequest,
  type InstantRequestName,
  WAITLIST_EVENT,
} from "./instant-frames.ts";
export { createProfileCheck, MAX_PROFILE_BYTES } from "./instant-profile.ts";
export { INSTANT_QUEUE, type InstantQueue, isInstant, toInstantQueue } from "./instant-queue.ts";
export type { InstantError, InstantSession, InstantStatus, WaitlistEntry } from "./instant-status.ts";
