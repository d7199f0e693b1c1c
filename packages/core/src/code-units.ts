const { charCodeAt } = String.prototype;

/**
 * `text.charCodeAt(index)`, without a look for the method. ioredis derives a class from String, and in a process where
 * somebody has, V8 no longer takes a string's methods for constant but fetches them at each call: a hash of an id took
 * two to three times as long, and a pass over 100,000 tickets half as long again.
 */
export const codeUnitAt = (text: string, index: number): number => charCodeAt.call(text, index);

/** FNV-1a of Fowler, Noll and Vo over UTF-16 units, 32 bits as a signed number. Every version must compute it alike. */
export const fnv1a = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ codeUnitAt(text, index), 0x01000193);
  return hash;
};
