import type { QueueView, WaitingPoint } from "@muster/monitor/frames";
import { beforeEach, expect, it } from "vitest";
import { Motion, type MotionState } from "./motion.ts";

const WIDTH = 1_000;
const HEIGHT = 400;
const palette = {
  ...{ line: "line", text: "text", waiting: "waiting", matched: "matched" },
  ...{ cancelled: "cancelled", expired: "expired", range: "range" },
};
const duel = {
  name: "duel",
  hasElo: true,
  retryEveryMs: 1_000,
  spreads: [{ fromTry: 0, eloSpread: 100 }],
} as QueueView;
const instant = { ...duel, name: "instant", hasElo: false } as QueueView;
const service = (name: string, role: string, ids: string[] = []) =>
  ({ name, role, dead: false, holds: { count: ids.length, ids }, figures: {} }) as never;

/** What was drawn: colour and box of each filled rectangle, and texts. */
interface Drawn {
  rects: { colour: string; x: number; y: number; w: number; h: number }[];
  arcs: { colour: string; x: number; y: number }[];
  texts: string[];
  lines: number;
}
let motion: Motion;
let frame: number;
let state: MotionState;
beforeEach(() => {
  [motion, frame] = [new Motion(), 0];
  state = { waiting: new Map(), left: [], queues: [duel, instant], at: 10_000 };
});

const point = (id: string, elo: number, changes: Partial<WaitingPoint> = {}): WaitingPoint => ({
  ...{ id, queue: "duel", elo, players: 1, since: 9_000 },
  ...changes,
});
const waits = (...points: WaitingPoint[]) => {
  state = { ...state, waiting: new Map(points.map((each) => [each.id, each])) };
  motion.update(state, frame);
};
const draw = (options: { selected?: string; hovered?: string; services?: never[] } = {}): Drawn => {
  const drawn: Drawn = { rects: [], arcs: [], texts: [], lines: 0 };
  const context = {
    ...{
      fillStyle: "",
      strokeStyle: "",
      clearRect() {},
      beginPath() {},
      moveTo() {},
      stroke() {},
      fill() {},
      strokeRect() {},
    },
    lineTo: () => {
      drawn.lines += 1;
    },
    fillText: (text: string) => drawn.texts.push(text),
    fillRect(x: number, y: number, w: number, h: number) {
      drawn.rects.push({ colour: this.fillStyle, x, y, w, h });
    },
    arc(x: number, y: number) {
      drawn.arcs.push({ colour: this.fillStyle, x, y });
    },
  };
  const { services = [], ...marked } = options;
  motion.draw(context as unknown as CanvasRenderingContext2D, WIDTH, HEIGHT, {
    ...{ frame, now: state.at + frame, queues: state.queues, services, palette, ...marked },
  });
  return drawn;
};
/** Long enough to come to rest. */
const settle = (options: Parameters<typeof draw>[0] = {}): Drawn => {
  for (let n = 0; n < 200; n++) {
    frame += 16;
    motion.update(state, frame);
    draw(options);
  }
  return draw(options);
};

it("draws who waits at its elo, the longer it waits the more to the right, and finds it by its place", () => {
  waits(point("low", 900), point("high", 1_300), point("old", 1_100, { since: -50_000 }));
  const { arcs } = settle();
  const [low, high, old] = arcs;
  expect(arcs.map(({ colour }) => colour)).toEqual(["waiting", "waiting", "waiting"]);
  expect(low?.y).toBeGreaterThan(old?.y ?? 0);
  expect(old?.y).toBeGreaterThan(high?.y ?? 0);
  expect(old?.x).toBeGreaterThan(low?.x ?? 0);
  expect(motion.at((old?.x ?? 0) + 3, (old?.y ?? 0) - 3)?.id).toBe("old");
  expect(motion.at((old?.x ?? 0) + 300, old?.y ?? 0)).toBeUndefined();
});

it("keeps who has no elo in a lane below, and out of the axis", () => {
  waits(point("low", 900), point("high", 1_300), point("user", 0, { queue: "instant" }));
  const { arcs, texts } = settle();
  expect(texts).toContain("no elo");
  expect(texts.map(Number).filter((elo) => elo > 0 && elo < 600)).toEqual([]);
  expect(arcs[2]?.y).toBeGreaterThan(HEIGHT - 60);
  expect(arcs[0]?.y).toBeLessThan(HEIGHT - 60);
});

it("draws the range of who is selected or under the pointer, however many wait", () => {
  const many = Array.from({ length: 600 }, (_, n) => point(`t${n}`, 1_000 + (n % 300)));
  waits(...many, point("user", 0, { queue: "instant" }));
  const ranges = ({ rects }: Drawn) => rects.filter(({ colour }) => colour === "range");
  expect(ranges(settle())).toEqual([]);
  const marked = ranges(draw({ selected: "t5", hovered: "t9" }));
  expect(marked).toHaveLength(2);
  // 100 elo to both sides.
  expect(marked[0]?.h).toBeCloseTo(marked[1]?.h ?? 0);
  expect(marked[0]?.h).toBeGreaterThan(10);
  expect(ranges(draw({ selected: "t5", hovered: "t5" }))).toHaveLength(1);
  expect(ranges(draw({ selected: "user" }))).toEqual([]);
});

it("takes who is matched by its matchmaker and mover out of the picture, and then forgets it", () => {
  const services = [service("mm", "matchmaker", ["ann"]), service("mover", "mover")] as never[];
  waits(point("ann", 1_000));
  const before = settle({ services });
  expect(before.texts).toEqual(expect.arrayContaining(["mm", "mover"]));
  const from = before.arcs[0]?.x ?? 0;
  state = { ...state, waiting: new Map(), left: [{ id: "ann", why: "matched", matchmaker: "mm", mover: "mover" }] };
  motion.update(state, frame);
  const places: number[] = [];
  for (let n = 0; n < 12; n++) {
    frame += 100;
    places.push(draw({ services }).arcs[0]?.x ?? Number.NaN);
  }
  expect(places[0]).toBeGreaterThan(from);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(motion.at(places.at(-1) ?? 0, HEIGHT / 2)).toBeUndefined();
  frame += 1_000;
  motion.update({ ...state, left: [] }, frame);
  expect(motion.size).toBe(0);
});

it("lets who cancelled fade where it was", () => {
  waits(point("ann", 1_000));
  settle();
  state = { ...state, waiting: new Map(), left: [{ id: "ann", why: "cancelled" }] };
  motion.update(state, frame);
  frame += 100;
  expect(draw().arcs[0]?.colour).toBe("cancelled");
  frame += 1_000;
  motion.update({ ...state, left: [] }, frame);
  expect(motion.size).toBe(0);
});
