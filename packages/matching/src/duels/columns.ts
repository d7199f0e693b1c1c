import { ascending } from "../ascending.ts";
import { levelDistance } from "../compatible.ts";
import type { Roster } from "../roster.ts";
import { agree, type Terms, termsOf } from "../rules/terms.ts";
import { soloPingRange } from "../seeker.ts";
import type { Kinds } from "./kinds.ts";

/**
 * Solo tickets as a duel's search looks at them: what it reads millions of times stands in columns, so that a hundred
 * thousand tickets are a few arrays of numbers, not as many objects. The columns go from the lowest elo to the highest,
 * of one elo from the oldest on, and a ticket is named by its place in them: those whom a search compares stand side by
 * side, and so together in the processor's cache.
 */
export class Columns {
  /** The age of each ticket: its place in the order that they came in, oldest first. */
  readonly ages: Uint32Array;
  /** And the other way round: the place of the ticket of each age. */
  readonly places: Uint32Array;
  /** 1: a match is to be found for it; 0: it only fills one. */
  readonly served: Uint8Array;
  readonly elo: Float64Array;
  /** NaN: unknown. */
  readonly #pingMs: Float64Array;
  /** Which of the criteria below a ticket has by its tries. */
  readonly #kind: Uint16Array;
  readonly #eloSpread: number[] = [];
  readonly #pingSpreadMs: number[] = [];
  readonly #levelSpread: number[] = [];
  /** Attribute rules and regions; undefined in a queue without either. */
  readonly #terms: (Terms | undefined)[] | undefined;
  /** Whether elo and ping are all that counts. */
  readonly #isPlain: boolean;

  /** @param roster oldest first */
  constructor(roster: Roster, kinds: Kinds) {
    const count = roster.tickets.length;
    this.ages = ascending(roster.elo);
    this.places = new Uint32Array(count);
    this.served = new Uint8Array(count);
    this.elo = new Float64Array(count);
    this.#pingMs = new Float64Array(count);
    this.#kind = new Uint16Array(count);
    for (let place = 0; place < count; place++) this.#put(place, roster, kinds);
    for (const { eloSpread, pingSpreadMs, latencyLevelSpread } of kinds.criteria) {
      this.#eloSpread.push(eloSpread);
      this.#pingSpreadMs.push(pingSpreadMs);
      this.#levelSpread.push(latencyLevelSpread);
    }
    const hasTerms = kinds.criteria.some(({ rules, regions }) => rules !== undefined || regions !== undefined);
    if (hasTerms) {
      this.#terms = Array.from(this.ages, (age, place) => {
        const ticket = roster.tickets[age];
        return ticket && termsOf(ticket, kinds.criteria[this.#kind[place] ?? 0] ?? {});
      });
    }
    this.#isPlain = !hasTerms && this.#levelSpread.every((spread) => spread === Infinity);
  }

  #put(place: number, { served, elo, pingMs }: Roster, { ofTicket }: Kinds): void {
    const age = this.ages[place] ?? 0;
    this.places[age] = place;
    this.served[place] = served[age] ?? 0;
    this.elo[place] = elo[age] ?? 0;
    this.#pingMs[place] = pingMs[age] ?? 0;
    this.#kind[place] = ofTicket[age] ?? 0;
  }

  /** Largest difference of elo that a ticket accepts. */
  spreadOf(place: number): number {
    return this.#eloSpread[this.#kind[place] ?? 0] ?? 0;
  }

  /** How far apart two pings are; 0 when one is unknown. */
  pingSpreadMs(a: number, b: number): number {
    const pingSpreadMs = Math.abs((this.#pingMs[a] ?? 0) - (this.#pingMs[b] ?? 0));
    return Number.isNaN(pingSpreadMs) ? 0 : pingSpreadMs;
  }

  termsOf(place: number): Terms | undefined {
    return this.#terms?.[place];
  }

  /** Whether two tickets accept each other: `compatible` for solo players, over columns. */
  suit(a: number, b: number): boolean {
    const [elo, pings, kinds, eloSpread, pingSpreadMs] = [
      this.elo,
      this.#pingMs,
      this.#kind,
      this.#eloSpread,
      this.#pingSpreadMs,
    ];
    const distance = Math.abs((elo[a] ?? 0) - (elo[b] ?? 0));
    const kindA = kinds[a] ?? 0;
    const kindB = kinds[b] ?? 0;
    if (distance > (eloSpread[kindA] ?? 0) || distance > (eloSpread[kindB] ?? 0)) return false;
    // NaN, where one is unknown, is not greater: it passes.
    const pingDistanceMs = Math.abs((pings[a] ?? 0) - (pings[b] ?? 0));
    if (pingDistanceMs > (pingSpreadMs[kindA] ?? 0) || pingDistanceMs > (pingSpreadMs[kindB] ?? 0)) return false;
    return this.#isPlain || this.#suitBeyondPing(a, b);
  }

  #suitBeyondPing(a: number, b: number): boolean {
    const levelSpread = Math.min(
      this.#levelSpread[this.#kind[a] ?? 0] ?? Infinity,
      this.#levelSpread[this.#kind[b] ?? 0] ?? Infinity,
    );
    if (levelSpread < Infinity && this.#levelDistance(a, b) > levelSpread) return false;
    const [one, other] = [this.termsOf(a), this.termsOf(b)];
    return one === undefined || other === undefined || agree(one, other);
  }

  #levelDistance(a: number, b: number): number {
    return levelDistance(soloPingRange(this.#pingMs[a] ?? 0), soloPingRange(this.#pingMs[b] ?? 0));
  }
}
