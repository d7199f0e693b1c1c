import { once } from "node:events";
import { INSTANT_REQUESTS, PlayRequest, RealmRequest } from "@muster/core";
import fc from "fast-check";
import { WebSocket } from "ws";
import { type JsonSchema, spoilt, valid } from "./from-schema.ts";
import { nasty, nastyText } from "./nasty.ts";

/** Frames of each kind of WebSocket, made from its schemas, right and wrong. */

const sound = (schemas: readonly unknown[]): fc.Arbitrary<string> =>
  fc
    .oneof(
      { weight: 5, arbitrary: fc.oneof(...schemas.map((schema) => valid(schema as JsonSchema))) },
      { weight: 5, arbitrary: fc.oneof(...schemas.map((schema) => spoilt(schema as JsonSchema))) },
      nasty,
    )
    .map((value) => JSON.stringify(value) ?? "");
const withNasty = (frames: fc.Arbitrary<string>) => fc.oneof({ weight: 5, arbitrary: frames }, nastyText);

const instantRequests = Object.entries(INSTANT_REQUESTS).map(([event, data]) => ({
  ...{ type: "object", required: ["event", "data"] },
  properties: { event: { const: event }, data },
}));

export const FRAMES: Record<"realm" | "play" | "instant", fc.Arbitrary<string>> = {
  realm: withNasty(sound(RealmRequest.anyOf)),
  play: withNasty(sound(PlayRequest.anyOf)),
  instant: withNasty(sound(instantRequests)),
};

/** More in five seconds would be dropped unread. */
export const FRAMES_PER_SOCKET = 90;

export interface Talk {
  answers: number;
  /** What was answered by a defect. */
  defects: string[];
  /** How each connection ended that did so by itself. */
  closes: number[];
}

/** Sends frames on a connection of its own, some of them as bytes, and leaves once the server has read them all. */
export const talk = async (url: string, credential: string, frames: readonly string[]): Promise<Talk> => {
  const heard: Talk = { answers: 0, defects: [], closes: [] };
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${credential}` } });
  socket.on("message", (data) => {
    heard.answers += 1;
    const text = String(data);
    if (isDefect(JSON.parse(text))) heard.defects.push(text.slice(0, 300));
  });
  const closed = once(socket, "close").then(([code]) => void heard.closes.push(code));
  await once(socket, "open");
  frames.forEach((frame, index) => void socket.send(index % 7 === 0 ? Buffer.from(frame) : frame));
  // The server answers a ping after what was sent before it.
  const pong = once(socket, "pong");
  socket.ping();
  await Promise.race([pong, closed]);
  const before = heard.closes.length;
  socket.close(1000);
  await closed;
  if (before === 0) heard.closes = [];
  return heard;
};

/** A frame that says that something went wrong on our side. */
const isDefect = (frame: unknown): boolean => {
  if (typeof frame !== "object" || frame === null) return true;
  const { code, status, data } = frame as { code?: unknown; status?: unknown; data?: { code?: unknown } };
  return code === "INTERNAL" || data?.code === "INTERNAL" || (typeof status === "number" && status >= 500);
};
