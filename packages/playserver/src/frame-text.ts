import { MusterError } from "@muster/core";

/** A frame that says nothing, or not what it must. */
export const invalidFrame = (field: string, message: string): MusterError =>
  new MusterError("INVALID", `${field} ${message}`, { faults: [{ field, message }] });

/**
 * @param text undefined for a binary frame
 * @throws MusterError INVALID
 */
export const textOf = (text: string | undefined): string => {
  if (text === undefined) throw invalidFrame("frame", "must be a text frame with JSON in it");
  return text;
};

/**
 * The object that a frame is.
 *
 * @param example to show what one looks like
 * @throws MusterError INVALID
 */
export const parseObject = (text: string, example: string): object => {
  const frame = parseJson(text);
  if (typeof frame === "object" && frame !== null && !Array.isArray(frame)) return frame;
  throw invalidFrame("frame", `must be a JSON object like ${example}`);
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidFrame("frame", `must be JSON: ${error instanceof Error ? error.message : error}`);
  }
};
