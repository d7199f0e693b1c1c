import type { Store } from "@muster/store";
import type { MatchView } from "./frames.ts";
import { ticketsOf, toMatchView } from "./match-view.ts";
import { withMatches } from "./with-matches.ts";

const KEPT = 100;
/** Matches read with their tickets at a time: five times a second, and no page shows more of them. */
const READ_AT_ONCE = 10;

/** The newest matches, in the order in which they were made. Where more are made than can be read, some are left out. */
export class MatchBoard {
  readonly #store: Pick<Store, "readMatch" | "readTicket">;
  #matches: MatchView[] = [];
  readonly #fresh = new Map<string, MatchView>();
  /** The newest last. */
  readonly #unread = new Set<string>();
  #leftOut = 0;

  constructor(store: Pick<Store, "readMatch" | "readTicket">) {
    this.#store = store;
  }

  /** The newest first. */
  get all(): readonly MatchView[] {
    return this.#matches;
  }

  /** It was made, or others joined it: it is to be read. */
  made(id: string): void {
    this.#unread.delete(id);
    this.#unread.add(id);
    if (this.#unread.size <= KEPT) return;
    const [oldest = ""] = this.#unread;
    this.#unread.delete(oldest);
    this.#leftOut += 1;
  }

  /** One that is not known, or not yet, is none the worse: its record tells its state. */
  changed(id: string, state: string): void {
    const known = this.#matches.find((match) => match.id === id);
    if (known) this.#show({ ...known, state });
  }

  /** Reads some of those that were not read, the newest first. */
  async read(): Promise<void> {
    const ids = [...this.#unread].slice(-READ_AT_ONCE).reverse();
    for (const id of ids) this.#unread.delete(id);
    for (const view of await Promise.all(ids.map((id) => this.#view(id)))) if (view) this.#show(view);
  }

  /** Those that are new or changed since the last call. */
  takeFresh(): MatchView[] {
    const fresh = [...this.#fresh.values()];
    this.#fresh.clear();
    return fresh;
  }

  /** Whether any were left out since the last call. */
  takeLeftOut(): boolean {
    const some = this.#leftOut > 0;
    this.#leftOut = 0;
    return some;
  }

  async #view(id: string): Promise<MatchView | undefined> {
    const match = await this.#store.readMatch(id);
    if (!match) return undefined;
    const tickets = await Promise.all(ticketsOf(match).map((ticket) => this.#store.readTicket(ticket)));
    return toMatchView(
      match,
      tickets.filter((ticket) => ticket !== null),
    );
  }

  #show(match: MatchView): void {
    this.#matches = withMatches(this.#matches, [match], KEPT);
    this.#fresh.set(match.id, match);
    if (this.#fresh.size > KEPT) this.#fresh.delete(this.#fresh.keys().next().value ?? "");
  }
}
