import type { UserProfile, WaitlistEntry } from "@muster/core";
import type { Claimant, WaitingUser } from "@muster/store";
import { type Aged, AgedList } from "./aged-list.ts";

/** Who may be told of whom. */
export type Meeting = Pick<WaitingUser, "user" | "avoid">;

/** Somebody on the wait list. What the others are told is written once for all of them, and is all that is kept of it. */
export interface Listed extends Meeting, Claimant {
  readonly json: string;
}

/** Somebody on the wait list, in full. */
export interface Found extends Meeting, Claimant, UserProfile {
  readonly room: string;
}

/** Who waits for an instant match at any playserver, as this one knows it. What Redis holds is the truth. */
export class WaitList {
  readonly #byAlias = new Map<string, Aged<Listed>>();
  /** Alias → ticket of those who wait for one user only: they are told of to nobody. */
  readonly #hidden = new Map<string, string>();
  /** By ticket, all of them: the alias, and the version with which it has that. */
  readonly #known = new Map<string, Pick<WaitingUser, "alias" | "version">>();
  readonly #aged = new AgedList<Listed>();

  /** How many others can be told of. */
  get size(): number {
    return this.#aged.size;
  }

  get lastSeq(): number {
    return this.#aged.lastSeq;
  }

  /** By ticket. */
  get known(): ReadonlyMap<string, Pick<WaitingUser, "alias" | "version">> {
    return this.#known;
  }

  /** @returns what others are to be told; undefined when they are not, or were */
  add(waiting: WaitingUser): Aged<Listed> | undefined {
    const { user, ticket, version, alias, avoid, again } = waiting;
    const before = this.#known.get(ticket);
    // What was read in between may be told late.
    if (before && before.version > version) return undefined;
    this.#known.set(ticket, { alias, version });
    if (before?.alias === alias) return undefined;
    if (before) this.#unlist(before.alias);
    if (again !== undefined) {
      this.#hidden.set(alias, ticket);
      return undefined;
    }
    const json = JSON.stringify(toWaitlistEntry(waiting));
    const aged = this.#aged.add({ user, ticket, alias, json, ...(avoid && { avoid }) });
    this.#byAlias.set(alias, aged);
    return aged;
  }

  /** Succeeds if nobody waits under this alias. */
  delete(alias: string): void {
    const ticket = this.#byAlias.get(alias)?.item.ticket ?? this.#hidden.get(alias);
    if (ticket !== undefined) this.#known.delete(ticket);
    this.#unlist(alias);
  }

  /** Whether others can be told of this alias. */
  has(alias: string): boolean {
    return this.#byAlias.has(alias);
  }

  /** Undefined for an alias under which nobody waits, or only for one user. */
  find(alias: string): Found | undefined {
    const listed = this.#byAlias.get(alias)?.item;
    if (!listed) return undefined;
    const { json, ...rest } = listed;
    // As `add` wrote it.
    const { random_room_string: room, user_data, user_preferences } = JSON.parse(json) as WaitlistEntry;
    return { ...rest, room, user_data, user_preferences };
  }

  /** Those who came after, the oldest first. */
  after(seq: number): Iterable<Aged<Listed>> {
    return this.#aged.after(seq);
  }

  #unlist(alias: string): void {
    const aged = this.#byAlias.get(alias);
    if (aged) this.#aged.delete(aged);
    this.#byAlias.delete(alias);
    this.#hidden.delete(alias);
  }
}

/** Nothing here leads to the user. */
const toWaitlistEntry = ({ alias, room, user_preferences, user_data }: WaitingUser): WaitlistEntry => ({
  ...{ alias, random_room_string: room, user_preferences, user_data },
});

/** Whether these two may be told of each other now: not of oneself, and not of a partner whom one of them still avoids. */
export const mayMeet = (one: Meeting, other: Meeting, nowMs: number): boolean =>
  one.user !== other.user && !avoids(one, other, nowMs) && !avoids(other, one, nowMs);

const avoids = ({ avoid }: Meeting, { user }: Meeting, nowMs: number): boolean =>
  avoid !== undefined && (avoid[user] ?? 0) > nowMs;
