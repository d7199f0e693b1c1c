import { MusterError } from "@muster/core";

/** What a connection is told of frames that are not carried out, whatever they ask for. */

/** No request is longer: a profile has up to 2 KiB, which escapes may multiply. */
export const MAX_FRAME_CHARS = 8_192;
/** Requests of one connection that may wait for those before them. */
export const MAX_WAITING_REQUESTS = 16;

export const notWaiting = () =>
  new MusterError("NOT_WAITING", "You wait for no instant match. Send REQUEST_INSTANT_MATCH first.");

export const notNamed = () =>
  new MusterError("INVALID", "user_id is missing: this connection has not named its user", {
    faults: [{ field: "user_id", message: "is missing" }],
  });

export const tooLong = () =>
  new MusterError("INVALID", `frame is longer than ${MAX_FRAME_CHARS} characters, and no request is`, {
    faults: [{ field: "frame", message: "is too long" }],
  });

export const tooManyWaiting = () =>
  new MusterError("TOO_MANY_REQUESTS", `${MAX_WAITING_REQUESTS} requests are under way. Wait for their answers.`, {
    retryAfterS: 1,
  });
