import { Type } from "typebox";

/**
 * Ids come from outside (players, queues) or from us (tickets, matches). One alphabet serves both: it is safe in a
 * Redis key, in a URL path and in the space-separated player state, and it can't spell `__proto__`.
 */
export const ID_PATTERN = "^[A-Za-z0-9][A-Za-z0-9_.:@|=+-]{0,63}$";
/** The pattern in words, for error messages. */
export const ID_RULE =
  "must be 1 to 64 letters, digits or any of _ . : @ | = + - and must begin with a letter or a digit";

export const Id = (description: string) => Type.String({ pattern: ID_PATTERN, maxLength: 64, description });

/** A queue's name is also part of URLs and file names, so its alphabet is smaller. */
export const QUEUE_NAME_PATTERN = "^[a-z][a-z0-9-]{0,31}$";
export const PARTITION_PATTERN = "^[a-z][a-z0-9-]{0,31}$";

const idExpression = new RegExp(ID_PATTERN);
export const isId = (text: string): boolean => idExpression.test(text);
