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
/** The partition of whatever names none, unless MUSTER_PARTITION says otherwise. */
export const DEFAULT_PARTITION = "main";

const idExpression = new RegExp(ID_PATTERN);
export const isId = (text: string): boolean => idExpression.test(text);

/**
 * The id of a ticket or match of a partition: it names the partition, so that whoever has the id knows where to look.
 *
 * @param id as it is in the deployment's own partition, `t_…` or `m_…`, with up to 29 letters behind that
 * @param partition absent: the deployment's own
 */
export const idIn = (partition: string | undefined, id: string): string =>
  partition === undefined ? id : `${id.slice(0, 2)}${partition}.${id.slice(2)}`;

/** The partition that the id of a ticket or match names; undefined: the deployment's own, or it is no such id. */
export const partitionOfId = (id: string): string | undefined => /^[tm]_([a-z][a-z0-9-]{0,31})\./.exec(id)?.[1];
