import { type Clock, type Random, WAITLIST_EVENT } from "@muster/core";
import type { WaitingUser } from "@muster/store";
import { type Aged, AgedList } from "./aged-list.ts";
import { type Listed, mayMeet, type WaitList } from "./wait-list.ts";

/**
 * What is told within a tick goes to each receiver as one frame. Frames are what costs, so ticks grow with the receivers:
 * from 200 of them on by a tenth of a ms for each, up to a tenth of a second.
 */
export const TICK_MS = { least: 20, perReceiver: 0.1, most: 100 };
/** How often, and of how many more, those are told who have not been told of all who wait. */
export const WALK_EVERY_MS = 500;
export const WALK_STEP = 20;
/** What may lie ready for one receiver until the next tick. */
const MAX_READY = 500;

/** One who waits at this playserver. */
export interface Receiver {
  /** As the others know it; undefined when it waits no more. */
  readonly waiting: WaitingUser | undefined;
  /** @param text a frame */
  tell(text: string): void;
}

interface Place {
  readonly receiver: Receiver;
  ready: string[];
  /** It has been told of all who came up to this one. */
  toldTo: number;
  /** Whom it may meet only later: partners whom one of them still avoids. */
  later: Listed[];
}

export interface FanOutOptions {
  list: WaitList;
  clock: Clock;
  random: Random;
  /** Receivers of all playservers who are told of a newcomer at once, and those of whom a newcomer is told at once. */
  fanOut: number;
  sample: number;
}

/**
 * Tells those who wait here of each other.
 *
 * A newcomer is told of the `sample` longest waiting. Of the others up to `fanOut` are told of the newcomer in the next
 * tick: half of them the longest waiting, the rest by chance. So with W waiting, of whom a share p fits, at once one who
 * fits is told of the newcomer, or the newcomer of one, with probability 1 − (1 − p)^min(W, fanOut + sample): at the
 * defaults and p = 2 % that is 99 %.
 * Whom this leaves out is not missed: each walks, step by step, along the list of all who waited when it came, and of all
 * newcomers once any was told to some only. So two who fit are told of each other after (W / WALK_STEP) × WALK_EVERY_MS at
 * the latest, and the cost of a tick is bounded.
 */
export class FanOut {
  readonly #options: FanOutOptions;
  readonly #places = new AgedList<Place>();
  readonly #placeOf = new Map<Receiver, Aged<Place>>();
  readonly #ready = new Set<Place>();
  readonly #walks: NodeJS.Timeout;
  #nextTick: NodeJS.Timeout | undefined;
  /** All newcomers up to this one have to be walked to, since not everybody was told of them. */
  #toWalkTo = 0;

  constructor(options: FanOutOptions) {
    this.#options = options;
    this.#walks = setInterval(() => this.walk(), WALK_EVERY_MS).unref();
  }

  /** How many are told. */
  get size(): number {
    return this.#placeOf.size;
  }

  /** One who waits from now on: it is told of the longest waiting soon, and of the others in steps. */
  join(receiver: Receiver): void {
    this.leave(receiver);
    const place: Place = { receiver, ready: [], toldTo: 0, later: [] };
    this.#placeOf.set(receiver, this.#places.add(place));
    this.#walkOn(place, this.#options.sample);
    if (place.toldTo < this.#options.list.lastSeq) this.#toWalkTo = this.#options.list.lastSeq;
  }

  /** Nothing more is told to it. Succeeds if nothing was. */
  leave(receiver: Receiver): void {
    const place = this.#placeOf.get(receiver);
    if (!place) return;
    this.#placeOf.delete(receiver);
    this.#places.delete(place);
    this.#ready.delete(place.item);
  }

  /** Somebody began to wait, here or at another playserver. */
  newcomer({ seq, item }: Aged<Listed>): void {
    const { list, fanOut, random } = this.#options;
    // Of all who wait those here are told their part.
    const share = Math.ceil((fanOut * this.size) / Math.max(1, list.size));
    if (this.size <= share) {
      for (const { item: place } of this.#placeOf.values()) {
        // Told of all before this one, it is told of all with it.
        if (!this.#put(place, item)) this.#toWalkTo = seq;
        else if (place.toldTo >= seq - 1) place.toldTo = seq;
      }
      return;
    }
    this.#toWalkTo = seq;
    const sampled = this.#sampled();
    // Who knows of the newcomer already: it is told of them, or is one itself.
    const knowsOf = ({ receiver: { waiting } }: Place) =>
      waiting !== undefined && (waiting.user === item.user || sampled.has(waiting.alias));
    const chosen = new Set<Place>();
    for (const { item: place } of this.#places.after(0)) {
      if (chosen.size >= share / 2) break;
      if (!knowsOf(place)) chosen.add(place);
    }
    this.#places.some(share - chosen.size, random, chosen, knowsOf);
    for (const place of chosen) this.#put(place, item);
  }

  /** Sends what lies ready. */
  tick(): void {
    clearTimeout(this.#nextTick);
    this.#nextTick = undefined;
    for (const place of this.#ready) {
      const text = `{"event":"${WAITLIST_EVENT}","data":[${place.ready.join(",")}]}`;
      place.ready = [];
      place.receiver.tell(text);
    }
    this.#ready.clear();
  }

  /** One step more for each who has not been told of all, and of partners who may meet again. */
  walk(): void {
    for (const { item: place } of this.#placeOf.values()) {
      if (place.later.length > 0) {
        for (const listed of place.later.splice(0)) {
          if (this.#options.list.has(listed.alias) && !this.#put(place, listed)) place.later.push(listed);
        }
      }
      if (place.toldTo < this.#toWalkTo) this.#walkOn(place, WALK_STEP);
    }
  }

  close(): void {
    clearInterval(this.#walks);
    clearTimeout(this.#nextTick);
  }

  /** Aliases of those of whom a newcomer is told at once. */
  #sampled(): Set<string> {
    const { list, sample } = this.#options;
    const aliases = new Set<string>();
    for (const { item } of list.after(0)) {
      if (aliases.size >= sample) break;
      aliases.add(item.alias);
    }
    return aliases;
  }

  #walkOn(place: Place, steps: number): void {
    const { list } = this.#options;
    let left = steps;
    for (const { seq, item } of list.after(place.toldTo)) {
      if (left === 0 || !this.#put(place, item)) return;
      left -= 1;
      place.toldTo = seq;
    }
    place.toldTo = list.lastSeq;
  }

  /** @returns false when there is no room for it before the next tick */
  #put(place: Place, listed: Listed): boolean {
    const { waiting } = place.receiver;
    if (!waiting || waiting.user === listed.user) return true;
    if (!mayMeet(waiting, listed, this.#options.clock.now())) {
      place.later.push(listed);
      return true;
    }
    if (place.ready.length >= MAX_READY) return false;
    place.ready.push(listed.json);
    this.#ready.add(place);
    const { least, perReceiver, most } = TICK_MS;
    const tickMs = Math.min(most, Math.max(least, perReceiver * this.size));
    this.#nextTick ??= setTimeout(() => this.tick(), tickMs).unref();
    return true;
  }
}
