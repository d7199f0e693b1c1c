import { EventEmitter, once } from "node:events";
import type { WebSocket } from "@fastify/websocket";
import type { MusterError } from "@muster/core";
import { expect, it, onTestFinished } from "vitest";
import { openSockets, type Peer } from "./sockets.ts";

const anyone = { kind: "anyone" } as const;

/** A socket that closes as soon as it is asked to, and a peer that notes what it is told. */
const connect = (
  sockets: ReturnType<typeof openSockets>,
  receive: (text?: string) => void | Promise<void> = () => {},
) => {
  const socket = Object.assign(new EventEmitter(), { readyState: 1 });
  const told: string[] = [];
  const peer: Peer = {
    receive: (text) => {
      told.push(`received ${text}`);
      return receive(text);
    },
    refuse: ({ code }: MusterError) => void told.push(`refused ${code}`),
    heard: () => void told.push("heard"),
    beat: () => {},
    close: (code) => {
      told.push(`closed ${code}`);
      socket.emit("close");
    },
    terminate: () => {},
    end: () => void told.push("ended"),
  };
  // Of a WebSocket only its events and its state are looked at.
  sockets.add(socket as unknown as WebSocket, anyone, peer);
  const frame = (text: string) => socket.emit("message", Buffer.from(text), false);
  return { socket, told, frame };
};

const open = (limit = { frames: 2, inS: 60 }) => {
  const sockets = openSockets(() => true, limit);
  onTestFinished(() => sockets.close());
  return sockets;
};
/** All that frames led to has happened. */
const settled = () => new Promise(setImmediate);

it("frames above the limit of a connection are refused once, then dropped; at five times it the connection ends", async () => {
  const { frame, told } = connect(open());
  for (let n = 1; n <= 11; n += 1) frame(String(n));
  await settled();
  const dropped = Array(7).fill("heard");
  expect(told).toEqual(["received 1", "received 2", "refused TOO_MANY_REQUESTS", ...dropped, "closed 1008", "ended"]);
});

it("each connection has a limit of its own", async () => {
  const sockets = open();
  const [one, other] = [connect(sockets), connect(sockets)];
  for (const { frame } of [one, other]) for (const text of ["1", "2"]) frame(text);
  await settled();
  for (const { told } of [one, other]) expect(told).toEqual(["received 1", "received 2"]);
});

it("a defect in what is done with a frame is an error of its connection, and of nothing else", async () => {
  const sockets = open();
  const { socket, frame } = connect(sockets, () => {
    throw new TypeError("a defect");
  });
  const failed = once(socket, "error");
  frame("x");
  expect(await failed).toEqual([new TypeError("a defect")]);
});

it("to stop waits for no connection that has closed before, unnoticed", async () => {
  const sockets = openSockets(() => true, { frames: 1, inS: 1 });
  const { socket } = connect(sockets);
  socket.readyState = 3;
  socket.removeAllListeners("close");
  await sockets.close();
});

it("a connection that closes while its caller is looked at is forgotten", async () => {
  const sockets = open();
  const socket = new EventEmitter();
  // A caller that can't be looked at: what only a defect would bring.
  const add = () => sockets.add(socket as WebSocket, undefined as never, { end: () => {} } as Peer);
  expect(add).toThrow(TypeError);
  socket.emit("close");
  expect(sockets.count).toBe(0);
});
