import { cursorAt, cursorBehind, type EventCursor, STREAM_START } from "@muster/store";
import { parseDuration } from "../load/duration.ts";

/**
 * Where to begin: `-1h` is an hour ago, `0` is the oldest event that is kept, and an event's id is behind that event.
 *
 * @param now ms since the epoch
 * @returns undefined when the text is none of these
 */
export const parseFrom = (text: string, now: number): EventCursor | undefined => {
  if (text === "0") return STREAM_START;
  if (text.startsWith("-")) {
    const agoMs = parseDuration(text.slice(1));
    return agoMs === undefined ? undefined : cursorAt(now - agoMs);
  }
  return cursorBehind(text);
};
