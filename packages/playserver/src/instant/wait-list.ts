import type { WaitlistEntry } from "@muster/core";
import type { WaitingUser } from "@muster/store";
import { type Aged, AgedList } from "./aged-list.ts";

/** Somebody on the wait list, and what the others are told of it, written once for all of them. */
export interface Listed {
  readonly user: WaitingUser;
  readonly json: string;
}

/** Who waits for an instant match at any playserver, as this one knows it. What Redis holds is the truth. */
export class WaitList {
  readonly #byAlias = new Map<string, Listed>();
  /** Alias → ticket of those who wait for one user only. */
  readonly #hidden = new Map<string, string>();
  /** All tickets known, also of those who wait for one user only and are on no list. */
  readonly #aliasOf = new Map<string, string>();
  readonly #aged = new AgedList<Listed>();

  /** How many others can be told of. */
  get size(): number {
    return this.#aged.size;
  }

  get lastSeq(): number {
    return this.#aged.lastSeq;
  }

  /** Ticket → alias. */
  get known(): ReadonlyMap<string, string> {
    return this.#aliasOf;
  }

  /** @returns what others are to be told; undefined when they are not, or were */
  add(user: WaitingUser): Aged<Listed> | undefined {
    if (this.#aliasOf.get(user.ticket) === user.alias) return undefined;
    this.delete(this.#aliasOf.get(user.ticket) ?? "");
    this.#aliasOf.set(user.ticket, user.alias);
    if (user.again !== undefined) {
      this.#hidden.set(user.alias, user.ticket);
      return undefined;
    }
    const listed = { user, json: JSON.stringify(toWaitlistEntry(user)) };
    this.#byAlias.set(user.alias, listed);
    return { seq: this.#aged.add(listed), item: listed };
  }

  /** Succeeds if nobody waits under this alias. */
  delete(alias: string): void {
    const listed = this.#byAlias.get(alias);
    const ticket = listed?.user.ticket ?? this.#hidden.get(alias);
    if (ticket !== undefined) this.#aliasOf.delete(ticket);
    if (listed) this.#aged.delete(listed);
    this.#byAlias.delete(alias);
    this.#hidden.delete(alias);
  }

  /** Undefined for an alias under which nobody waits, or only for one user. */
  get(alias: string): WaitingUser | undefined {
    return this.#byAlias.get(alias)?.user;
  }

  /** Those who came after, the oldest first. */
  after(seq: number): Iterable<Aged<Listed>> {
    return this.#aged.after(seq);
  }
}

/** Nothing here leads to the user. */
const toWaitlistEntry = ({ alias, room, user_preferences, user_data }: WaitingUser): WaitlistEntry => ({
  ...{ alias, random_room_string: room, user_preferences, user_data },
});

/** Whether these two may be told of each other: not of oneself, and not of a partner whom one of them avoids. */
export const mayMeet = (one: WaitingUser, other: WaitingUser): boolean =>
  one.user !== other.user && !one.avoid?.includes(other.user) && !other.avoid?.includes(one.user);
