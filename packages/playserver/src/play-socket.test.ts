import { NEVER_SEEN, type PlayerState } from "@muster/core";
import { expect, it } from "vitest";
import { PlaySocket } from "./play-socket.ts";
import { createWatchRegistry } from "./watch-registry.ts";

const state = (version: number): PlayerState => ({ ...NEVER_SEEN, version });

it("a connection is told nothing older than its hello, however late the news of what was before comes", async () => {
  const sent: { op: string; version?: number }[] = [];
  const socket = {
    ...{ readyState: 1, bufferedAmount: 0, close: () => {}, ping: () => {}, terminate: () => {} },
    send: (text: string) => void sent.push(JSON.parse(text)),
  };
  // Somebody else watches the player here already, and the news of version 5 has not come yet.
  const watches = createWatchRegistry({ hold: () => {}, release: () => {}, expect: () => {}, current: () => state(3) });
  watches.watch({ deliver: () => {} }, ["ann"]);
  const play = new PlaySocket(socket, "ann", 0, {
    watches,
    presence: {
      open: () => ({ hold: () => {}, release: () => {}, end: () => {}, endedBefore: () => {} }),
      moved: () => {},
      letRunOut: () => {},
      close: async () => {},
    },
    current: () => state(3),
    readPlayer: async () => ({ id: "ann", state: "idle", version: 5, at: 0, tries: 0 }),
    raiseVersions: async () => [],
    clock: { now: () => 0 },
    callApi: async () => ({ status: 200, body: {} }),
    calledBy: { requestId: "r" },
  });
  await play.start();
  for (const version of [4, 5, 6]) watches.publish("ann", state(version));
  expect(sent.map(({ op, version }) => (op === "state" ? version : op))).toEqual(["hello", 5, 6]);
});
