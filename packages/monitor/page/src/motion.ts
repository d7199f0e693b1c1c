import type { LeftPoint, QueueView, ServiceView, WaitingPoint } from "@muster/monitor/frames";
import { type State, spreadOf } from "./state.ts";

/** A player on its way: it enters from the left, waits at its elo, and leaves to the right as part of a match. */
interface Mote {
  point: WaitingPoint;
  x: number;
  y: number;
  /** Where it drifts to while it waits. */
  restX: number;
  bornAt: number;
  leaving?: LeftPoint & { at: number; x: number; y: number };
}

/** Where a service stands, to the right of who waits. */
interface Station {
  name: string;
  x: number;
  y: number;
  leads: boolean;
}

export interface Palette {
  line: string;
  text: string;
  waiting: string;
  matched: string;
  cancelled: string;
  expired: string;
  range: string;
}

const ENTER_MS = 500;
const LEAVE_MS = 700;
/** By way of the matchmaker that found the match and the mover that committed it. */
const TRAVEL_MS = 1_300;
const MARGIN = { left: 44, right: 12, top: 10, bottom: 26 };
/** Below the elos: who has none, as in instant matching. */
const LANE = 34;
/** Narrower than this there is no room for stations. */
const STATIONS_FROM = 640;
/** Of the middle of their columns, from the right edge. */
const MATCHMAKERS_AT = 190;
const MOVERS_AT = 68;
const ELO_STEP = 200;

/** Draws players in motion on a canvas: elo upwards, time waited to the right. Pure bookkeeping besides `draw`. */
export class Motion {
  readonly #motes = new Map<string, Mote>();
  #low = 600;
  #high = 1_600;
  #stations: Station[] = [];
  #withoutElo: ReadonlySet<string> = new Set();
  #hasLane = false;

  /** @param frame time of the frame, ms */
  update({ waiting, left, queues, at: now }: MotionState, frame: number): void {
    this.#withoutElo = new Set(queues.filter(({ hasElo }) => !hasElo).map(({ name }) => name));
    for (const point of left) {
      const mote = this.#motes.get(point.id);
      if (mote && !mote.leaving) mote.leaving = { ...point, at: frame, x: mote.x, y: mote.y };
    }
    for (const point of waiting.values()) {
      if (this.#motes.has(point.id)) continue;
      const bornAt = now - point.since > 2_000 ? frame - ENTER_MS : frame;
      this.#motes.set(point.id, { point, x: -1, y: -1, restX: hash(point.id), bornAt });
    }
    for (const [id, mote] of this.#motes) {
      const isGone = mote.leaving ? frame - mote.leaving.at > leaveMsOf(mote.leaving) : !waiting.has(id);
      if (isGone) this.#motes.delete(id);
    }
    this.#hasLane = [...this.#motes.values()].some(({ point }) => this.#withoutElo.has(point.queue));
    this.#fit();
  }

  get size(): number {
    return this.#motes.size;
  }

  /** The axis follows who is there, slowly, so that it doesn't jump. */
  #fit(): void {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { point } of this.#motes.values()) {
      if (this.#withoutElo.has(point.queue)) continue;
      low = Math.min(low, point.elo);
      high = Math.max(high, point.elo);
    }
    if (high < low) return;
    const wantedLow = Math.floor((low - 50) / ELO_STEP) * ELO_STEP;
    const wantedHigh = Math.ceil((high + 50) / ELO_STEP) * ELO_STEP;
    this.#low += (wantedLow - this.#low) * 0.08;
    this.#high += (Math.max(wantedHigh, wantedLow + ELO_STEP) - this.#high) * 0.08;
  }

  draw(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
    { frame, now, queues, services, palette, selected, hovered }: DrawOptions,
  ): void {
    context.clearRect(0, 0, width, height);
    const right = width >= STATIONS_FROM ? MATCHMAKERS_AT + 70 : MARGIN.right;
    const lane = this.#hasLane ? LANE : 0;
    const inner = { w: width - MARGIN.left - right, h: height - MARGIN.top - MARGIN.bottom - lane };
    this.#stations = width >= STATIONS_FROM ? stationsOf(services, width, height) : [];
    const yOf = (elo: number) => MARGIN.top + (1 - (elo - this.#low) / (this.#high - this.#low)) * inner.h;
    const restY = ({ point, restX }: Mote) =>
      this.#withoutElo.has(point.queue) ? height - MARGIN.bottom - 4 - restX * (LANE - 14) : yOf(point.elo);
    this.#drawAxis(context, inner.w, height, yOf, palette);
    if (lane > 0) context.fillText("no elo", MARGIN.left - 20, height - MARGIN.bottom - LANE / 2 + 3);
    this.#drawStations(context, services, palette);
    const byQueue = new Map(queues.map((queue) => [queue.name, queue]));
    const radius = this.#motes.size > 1_500 ? 1.8 : this.#motes.size > 300 ? 2.6 : 4;
    const eloHeight = inner.h / (this.#high - this.#low);

    // Ranges first, below the players; of many only those that are asked for, or they would cover each other.
    context.fillStyle = palette.range;
    const drawRange = (mote: Mote | undefined, halfWidth: number) => {
      const queue = mote && byQueue.get(mote.point.queue);
      if (!mote || !queue?.hasElo || mote.leaving) return;
      const spread = Math.min(spreadOf(queue, now - mote.point.since), this.#high - this.#low);
      context.fillRect(mote.x - halfWidth, mote.y - spread * eloHeight, 2 * halfWidth, 2 * spread * eloHeight);
    };
    if (this.#motes.size <= 400) for (const mote of this.#motes.values()) drawRange(mote, 1);
    for (const id of new Set([selected, hovered])) if (id !== undefined) drawRange(this.#motes.get(id), 5);
    for (const mote of this.#motes.values()) {
      const { point, leaving } = mote;
      const waited = Math.max(0, now - point.since);
      // Most matches take a second, some a minute: so time runs slower to the right.
      const reach = Math.log1p(waited / 1_000) / Math.log1p(120);
      const targetX = MARGIN.left + (0.02 + Math.min(0.9, reach * 0.85) + mote.restX * 0.04) * inner.w;
      const targetY = restY(mote);
      const age = Math.min(1, (frame - mote.bornAt) / ENTER_MS);
      if (mote.x < 0) [mote.x, mote.y] = [MARGIN.left - 6, targetY];
      mote.x += (targetX - mote.x) * 0.15;
      mote.y += (targetY - mote.y) * 0.3;
      context.globalAlpha = age;
      context.fillStyle = palette.waiting;
      let [x, y, size] = [mote.x, mote.y, radius * (point.players > 1 ? 1.4 : 1)];
      if (leaving) {
        const gone = Math.min(1, (frame - leaving.at) / leaveMsOf(leaving));
        context.globalAlpha = leaving.why === "matched" ? 1 - gone ** 4 : 1 - gone;
        context.fillStyle = palette[leaving.why];
        if (leaving.why === "matched") [x, y] = this.#onItsWay(leaving, gone, width);
        else y = leaving.y + 30 * gone;
        size *= 1 + gone * 0.4;
      }
      const isMarked = point.id === selected || point.id === hovered;
      if (radius < 3 && !isMarked) context.fillRect(x - size, y - size, 2 * size, 2 * size);
      else {
        context.beginPath();
        context.arc(x, y, isMarked ? size + 3 : size, 0, 2 * Math.PI);
        context.fill();
      }
    }
    context.globalAlpha = 1;
  }

  /** From where it waited to its matchmaker, to the mover, and out of the picture. */
  #onItsWay(from: { x: number; y: number } & LeftPoint, gone: number, width: number): [x: number, y: number] {
    const station = (name: string | undefined) => this.#stations.find((each) => each.name === name);
    const [matchmaker, mover] = [station(from.matchmaker), station(from.mover)];
    const last = mover ?? matchmaker ?? from;
    const way = [from, ...(matchmaker ? [matchmaker] : []), ...(mover ? [mover] : []), { x: width + 10, y: last.y }];
    const along = gone * (way.length - 1);
    const leg = Math.min(way.length - 2, Math.floor(along));
    const [begin, end] = [way[leg] ?? from, way[leg + 1] ?? from];
    const part = along - leg;
    const eased = part * part * (3 - 2 * part);
    return [begin.x + (end.x - begin.x) * eased, begin.y + (end.y - begin.y) * eased];
  }

  /** Matchmakers and movers, and lines to those whom a matchmaker has just looked at. */
  #drawStations(context: CanvasRenderingContext2D, services: readonly ServiceView[], palette: Palette): void {
    context.font = "11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const { name, x, y, leads } of this.#stations) {
      context.strokeStyle = palette.waiting;
      context.lineWidth = 0.5;
      for (const id of services.find((service) => service.name === name)?.holds.ids ?? []) {
        const mote = this.#motes.get(id);
        if (!mote || mote.leaving) continue;
        context.beginPath();
        context.moveTo(mote.x, mote.y);
        context.lineTo(x - 46, y);
        context.stroke();
      }
      context.lineWidth = leads ? 1.5 : 1;
      context.strokeStyle = leads ? palette.matched : palette.text;
      context.strokeRect(Math.round(x - 46) + 0.5, Math.round(y - 11) + 0.5, 92, 22);
      context.fillStyle = palette.text;
      context.fillText(name.length > 14 ? `${name.slice(0, 13)}…` : name, x, y);
    }
  }

  /** The ticket that is drawn nearest to a place, within a few pixels. */
  at(x: number, y: number): WaitingPoint | undefined {
    let [best, nearest] = [undefined as WaitingPoint | undefined, 144];
    for (const mote of this.#motes.values()) {
      if (mote.leaving) continue;
      const distance = (mote.x - x) ** 2 + (mote.y - y) ** 2;
      if (distance < nearest) [best, nearest] = [mote.point, distance];
    }
    return best;
  }

  #drawAxis(
    context: CanvasRenderingContext2D,
    innerWidth: number,
    height: number,
    yOf: (elo: number) => number,
    palette: Palette,
  ): void {
    context.font = "11px system-ui, sans-serif";
    context.lineWidth = 1;
    context.strokeStyle = palette.line;
    context.fillStyle = palette.text;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const step = this.#high - this.#low > 1_600 ? 2 * ELO_STEP : ELO_STEP;
    for (let elo = Math.ceil(this.#low / step) * step; elo <= this.#high; elo += step) {
      const y = Math.round(yOf(elo)) + 0.5;
      context.beginPath();
      context.moveTo(MARGIN.left, y);
      context.lineTo(MARGIN.left + innerWidth, y);
      context.stroke();
      context.fillText(String(elo), MARGIN.left - 8, y);
    }
    context.textAlign = "center";
    for (const waited of [0, 1, 5, 15, 60]) {
      const reach = Math.log1p(waited) / Math.log1p(120);
      const x = MARGIN.left + (0.02 + Math.min(0.9, reach * 0.85)) * innerWidth;
      context.fillText(waited === 0 ? "just queued" : `${waited} s`, Math.max(x, MARGIN.left + 26), height - 10);
    }
  }
}

export type MotionState = Pick<State, "waiting" | "left" | "queues" | "at">;

export interface DrawOptions {
  /** Time of the frame, ms. */
  frame: number;
  /** As the server tells it, ms since the epoch. */
  now: number;
  queues: readonly QueueView[];
  services: readonly ServiceView[];
  palette: Palette;
  selected?: string | undefined;
  hovered?: string | undefined;
}

const leaveMsOf = ({ matchmaker, mover }: LeftPoint): number =>
  matchmaker === undefined && mover === undefined ? LEAVE_MS : TRAVEL_MS;

/** Those that run, each role in a column, evenly apart; of many only as many as there is room for. */
const stationsOf = (services: readonly ServiceView[], width: number, height: number): Station[] => {
  const column = (role: string, x: number): Station[] => {
    const those = services.filter((service) => service.role === role && !service.dead);
    const apart = Math.max(30, (height - MARGIN.top - MARGIN.bottom) / (those.length + 1));
    return those
      .map(({ name, figures }, index) => {
        return { name, x, y: MARGIN.top + apart * (index + 1), leads: figures.leads === true };
      })
      .filter(({ y }) => y < height - MARGIN.bottom);
  };
  return [...column("matchmaker", width - MATCHMAKERS_AT), ...column("mover", width - MOVERS_AT)];
};

/** From 0 to 1, the same for the same text. */
const hash = (text: string): number => {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  return (value >>> 0) / 2 ** 32;
};
