import { closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from "node:fs";

const LARGEST_BYTES = 10 * 1024 * 1024;
const TAIL_BYTES = 8 * 1024;

/** Empties a log that has grown past 10 MiB. A log that isn't there yet is fine. */
export const trimLog = (file: string): void => {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_BYTES) truncateSync(file);
};

/** How long the log is now, in bytes: what is written from here on belongs to whoever starts next. */
export const logEnd = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** The last lines of a log that were written after its first `from` bytes; "" when there are none. */
export const lastLines = (file: string, from = 0, lines = 15): string => {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return "";
  const fd = openSync(file, "r");
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(from, size - TAIL_BYTES);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    const read = readSync(fd, bytes, 0, bytes.length, start);
    return bytes.toString("utf8", 0, read).trimEnd().split("\n").slice(-lines).join("\n");
  } finally {
    closeSync(fd);
  }
};
