import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./reserve-tickets.lua", import.meta.url));

/** A ticket as it was seen: in another version it is another one. */
export interface SeenTicket {
  id: string;
  version: number;
}

/** See createReservations. */
export type ReserveTickets = (
  context: StoreContext,
  groups: readonly (readonly SeenTicket[])[],
  forMs: number,
) => Promise<SeenTicket[][]>;

/** An entry of the stream: its id, and "until", ms, "tickets", text. */
type Entry = [id: string, fields: [string, string, string, string]];

/** So often others may come first; then what is left is proposed all the same, and the commit decides. */
const TRIES = 8;

/**
 * Takes groups of tickets for the caller, each wholly or not at all, so that no two searches propose the same ticket.
 * Only a hint, which ends by itself: the commit checks everything.
 *
 * All searches write what they take into one stream. Each keeps what it has read of it, and may add to it only when it
 * has read all: so a script that compares no tickets suffices, and Redis has one entry for hundreds of tickets.
 *
 * @returns a function that takes groups, none of whose tickets is in one of them twice, and returns for each which of
 *   its tickets another has; the group was taken when none is
 */
export const createReservations = (): ReserveTickets => {
  /** ms until which a ticket is taken, the soonest first as good as always, by "id version". */
  const taken = new Map<string, number>();
  let last = "0";

  const note = (names: Iterable<string>, until: number) => {
    for (const name of names) {
      taken.delete(name);
      taken.set(name, until);
    }
  };
  const read = (entries: readonly Entry[]) => {
    for (const [id, [, until, , tickets]] of entries) {
      note(namesIn(tickets), Number(until));
      last = id;
    }
  };

  return async ({ redis, keys, clock }, groups, forMs) => {
    for (let attempt = 1; ; attempt++) {
      const now = clock.now();
      for (const [name, until] of taken) {
        if (until > now) break;
        taken.delete(name);
      }
      const wanted = new Set<string>();
      const others = groups.map((group) => {
        const gone = group.filter((ticket) => wanted.has(nameOf(ticket)) || (taken.get(nameOf(ticket)) ?? 0) > now);
        if (gone.length === 0) for (const ticket of group) wanted.add(nameOf(ticket));
        return gone;
      });
      if (wanted.size === 0) return others;
      const until = now + forMs;
      const reply = await runScript(redis, script, [keys.proposed], [last, until, [...wanted].join(" "), forMs]);
      if (typeof reply === "string") {
        // Another call may have read further meanwhile.
        if (isLater(reply, last)) last = reply;
        note(wanted, until);
        return others;
      }
      // The script's header says what it returns.
      read(reply as Entry[]);
      if (attempt === TRIES) return others;
    }
  };
};

const nameOf = ({ id, version }: SeenTicket): string => `${id} ${version}`;

function* namesIn(text: string): Generator<string> {
  const words = text.split(" ");
  for (let n = 0; n + 1 < words.length; n += 2) yield `${words[n]} ${words[n + 1]}`;
}

/** Ids of a stream are `<ms>-<n>`. */
const isLater = (id: string, other: string): boolean => {
  const [[ms = 0, n = 0], [otherMs = 0, otherN = 0]] = [id.split("-").map(Number), other.split("-").map(Number)];
  return ms > otherMs || (ms === otherMs && n > otherN);
};
