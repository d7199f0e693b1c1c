import type { RealmClient } from "@muster/client";
import type { NewTicketRequest, Random } from "@muster/core";
import type { RunView } from "../view/frames.ts";
import { pingsOf } from "./pings.ts";
import type { Spawn } from "./requests.ts";

const TICK_MS = 100;
const MEAN_PING_MS = 60;

export interface RunDeps {
  realm: Pick<RealmClient, "enqueueBatch">;
  elos: readonly number[];
  random: Random;
  regions: readonly string[];
  /** The tickets could not be put in at all, and no more will be. */
  onFailed: (error: unknown) => void;
}

/** Puts tickets into a queue, so many a second, and counts what became of them. */
export class Run {
  readonly #id: string;
  readonly #spawn: Spawn;
  readonly #deps: RunDeps;
  readonly #players: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #due = 0;
  #sent = 0;
  #accepted = 0;
  #refused = 0;
  #refusal: string | undefined;
  #said: string | undefined;

  constructor(id: string, spawn: Spawn, deps: RunDeps) {
    this.#id = id;
    this.#spawn = spawn;
    this.#deps = deps;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  get view(): RunView {
    return {
      ...{ id: this.#id, queue: this.#spawn.queue, wanted: this.#spawn.count, sent: this.#sent },
      ...{ accepted: this.#accepted, refused: this.#refused, isGoing: this.isGoing },
      ...(this.#refusal !== undefined && { refusal: this.#refusal }),
      ...(this.#said !== undefined && { said: this.#said }),
    };
  }

  get isGoing(): boolean {
    return this.#timer !== undefined;
  }

  /** Those whose tickets were accepted. */
  get players(): readonly string[] {
    return this.#players;
  }

  say(text: string): void {
    this.#said = text;
  }

  /** Nobody more is put in. Succeeds if it has ended. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    const { queue, count, perSecond } = this.#spawn;
    this.#due = Math.min(count, this.#due + (perSecond * TICK_MS) / 1_000);
    const tickets: NewTicketRequest[] = [];
    for (; this.#sent < Math.floor(this.#due); this.#sent++) tickets.push({ players: this.#party(this.#sent) });
    if (this.#sent >= count) this.stop();
    if (tickets.length === 0) return;
    this.#deps.realm.enqueueBatch(queue, tickets).then(
      (results) => {
        for (const [index, result] of results.entries()) {
          if (result.ticket) {
            this.#accepted += 1;
            for (const { id } of tickets[index]?.players ?? []) this.#players.push(id);
          } else this.#refuse(1, result.error?.detail ?? `status ${result.status}`);
        }
      },
      (error: unknown) => {
        this.stop();
        this.#refuse(tickets.length, error instanceof Error ? error.message : String(error));
        this.#deps.onFailed(error);
      },
    );
  }

  #refuse(tickets: number, why: string): void {
    this.#refused += tickets;
    this.#refusal = why;
  }

  #party(number: number) {
    const { partySize, name = "tester", pingMs = MEAN_PING_MS, region } = this.#spawn;
    const { elos, random, regions } = this.#deps;
    const elo = elos[Math.floor(random.next() * elos.length)] ?? 1_000;
    return Array.from({ length: partySize }, (_, place) => ({
      id: `${name}-${this.#id}-${number}${partySize === 1 ? "" : `-${place}`}`,
      elo: elo + place,
      ...pingsOf({ regions, region, meanMs: pingMs, random }),
    }));
  }
}
