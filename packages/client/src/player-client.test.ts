import { MusterError, toProblem } from "@muster/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MusterApiError, MusterConnectionError, MusterFrameError } from "./errors.ts";
import { PlayerClient } from "./player-client.ts";
import { FakeWebSocket } from "./testing/fake-web-socket.ts";

const newest = (): FakeWebSocket => {
  const socket = FakeWebSocket.made.at(-1);
  if (!socket) throw new Error("no WebSocket was made");
  return socket;
};
const noJitter = { next: () => 0 };
const ann = { players: [{ id: "ann", elo: 1_000 }] };
const state = (version: number) => ({ op: "state", player: "ann", state: "inqueue", version, at: 1 });

let client: PlayerClient;
beforeEach(async () => {
  vi.useFakeTimers();
  FakeWebSocket.made = [];
  client = new PlayerClient({ url: "http://muster/", player: "ann", WebSocket: FakeWebSocket, random: noJitter });
  const connected = client.connect();
  newest().open();
  await connected;
});
afterEach(() => {
  vi.useRealTimers();
});

it("connects as its player, and tells what the player is and how it changes, newer states only", () => {
  const told: unknown[] = [];
  client.onHello((player) => told.push(player));
  client.onState(({ version }) => told.push(version));
  expect(newest().url).toBe("ws://muster/v1/play?player=ann");
  newest().say({ op: "hello", player: { id: "ann", state: "idle", version: 0, at: 0, tries: 0 } });
  for (const version of [5, 5, 4, 6]) newest().say(state(version));
  expect(told).toEqual([{ id: "ann", state: "idle", version: 0, at: 0, tries: 0 }, 5, 6]);
});

it("says when it comes back what it was told last, so that it is told nothing older", async () => {
  newest().say({ op: "hello", player: { id: "ann", state: "idle", version: 5, at: 5, tries: 0 } });
  newest().drop();
  await vi.advanceTimersByTimeAsync(50);
  expect(newest().url).toBe("ws://muster/v1/play?player=ann&version=5");
  newest().open();
  newest().say(state(7));
  newest().drop();
  await vi.advanceTimersByTimeAsync(100);
  expect(newest().url).toBe("ws://muster/v1/play?player=ann&version=7");
  const next = new PlayerClient({ url: "http://muster/", player: "ann", version: 7, WebSocket: FakeWebSocket });
  const connected = next.connect();
  expect(newest().url).toBe("ws://muster/v1/play?player=ann&version=7");
  newest().open();
  await connected;
  await next.close();
});

it("gives each call its own answer, whatever their order", async () => {
  const calls = [
    client.queue("duel", ann, { replace: true }),
    client.change("t_1", { version: 1, teams: ["1"] }),
    client.cancel("t_1"),
    client.accept("m_1"),
  ];
  expect(newest().sent).toEqual([
    { op: "queue", id: "1", queue: "duel", ticket: ann, replace: true },
    { op: "change", id: "2", ticket: "t_1", version: 1, teams: ["1"] },
    { op: "cancel", id: "3", ticket: "t_1" },
    { op: "accept", id: "4", match: "m_1" },
  ]);
  for (const id of ["4", "2", "1", "3"]) newest().say({ op: "answer", id, status: 200, body: { of: id } });
  expect(await Promise.all(calls)).toEqual(["1", "2", "3", "4"].map((id) => ({ of: id })));
});

it("fails a call that Muster refuses, doesn't answer, or that was cut off", async () => {
  const failed = (call: Promise<unknown>) => call.catch((error: unknown) => error);
  const over = failed(client.cancel("t_1"));
  newest().say({ op: "answer", id: "1", status: 409, body: toProblem(new MusterError("TICKET_OVER", "It ended.")) });
  expect(await over).toMatchObject({ constructor: MusterApiError, code: "TICKET_OVER" });
  const refused = failed(client.cancel("t_2"));
  newest().say({ op: "error", id: "2", code: "INVALID", message: "not yours" });
  expect(await refused).toMatchObject({ constructor: MusterFrameError, code: "INVALID" });
  const silent = failed(client.cancel("t_3"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await silent).toMatchObject({ constructor: MusterConnectionError, reason: "timeout" });
  const cut = failed(client.cancel("t_4"));
  newest().drop();
  expect(await cut).toMatchObject({ constructor: MusterConnectionError, reason: "unreachable" });
  expect(await failed(client.cancel("t_5"))).toMatchObject({ reason: "unreachable" });
});

it("comes back after a lost connection, but not when a newer one replaced it", async () => {
  const closes: unknown[] = [];
  client.on("close", (closed) => closes.push(closed));
  newest().drop();
  await vi.advanceTimersByTimeAsync(50);
  expect(FakeWebSocket.made).toHaveLength(2);
  newest().open();
  newest().drop(4001);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeWebSocket.made).toHaveLength(2);
  expect(closes).toMatchObject([{ willReconnect: true }, { code: 4001, willReconnect: false }]);
});
