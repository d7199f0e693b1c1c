import type { Player } from "@muster/core";
import type { Person } from "./population.ts";

/**
 * Turns arrivals into players. The population is gone through in its order, again and again; a person whose earlier
 * ticket or match still goes on comes as a new player with a suffix, so that nobody is ever in two things at once.
 */
export class People {
  readonly #people: readonly Person[];
  readonly #run: string;
  readonly #suffixes = new Map<Person, number>();
  #arrived = 0;

  /** @param run prefix of every player's id, so that players of an earlier run can't be met */
  constructor(people: readonly Person[], run: string) {
    this.#people = people;
    this.#run = run;
  }

  /** @param isFree whether the player with that id is in nothing (any more) */
  next(isFree: (player: string) => boolean): Player & { avgPingMs: number } {
    const person = this.#people[this.#arrived % this.#people.length];
    if (!person) throw new Error("a population without people");
    this.#arrived += 1;
    return { ...person, id: this.#freeId(person, isFree) };
  }

  #freeId(person: Person, isFree: (player: string) => boolean): string {
    const suffixes = this.#suffixes.get(person) ?? 0;
    for (let suffix = 1; suffix <= suffixes; suffix++) {
      const id = this.#id(person, suffix);
      if (isFree(id)) return id;
    }
    this.#suffixes.set(person, suffixes + 1);
    return this.#id(person, suffixes + 1);
  }

  #id(person: Person, suffix: number): string {
    return `${this.#run}-${person.id}${suffix === 1 ? "" : `.${suffix}`}`;
  }
}
