/**
 * When a waiting ticket is looked at again. Each queue has one index of due times (see keys.ts): a ticket is due when
 * its next try is, or when its search has had long enough to be called lost, or when it expires, whichever comes
 * first. That one index makes up for lost jobs, paces the tries and finds what expired.
 */
export const SEARCH_LOST_AFTER_MS = 2_000;
