import type { StoreContext } from "../context.ts";
import { loadScript, runScript } from "../redis/run-script.ts";

const script = loadScript(new URL("./reserve-tickets.lua", import.meta.url));

/** A ticket as it was seen: in another version it is another one. */
export interface SeenTicket {
  id: string;
  version: number;
}

/** See createReservations. */
export interface Reservations {
  /**
   * Takes groups of tickets, none of which is in one of them twice.
   *
   * @returns for each group which of its tickets another has; it was taken when none is
   */
  reserve(context: StoreContext, groups: readonly (readonly SeenTicket[])[], forMs: number): Promise<SeenTicket[][]>;
  /** Whether a ticket is taken, as far as is known: by this one, or by another that `reserve` has met since. */
  isReserved(ticket: SeenTicket, now: number): boolean;
}

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
 */
export const createReservations = (): Reservations => {
  /** By ticket, the soonest to be free first as good as always. Not by id and version as one text: each look made one. */
  const taken = new Map<string, Reservation>();
  let last = "0";

  const isReserved = ({ id, version }: SeenTicket, now: number): boolean => {
    const found = taken.get(id);
    return found?.version === version && found.until > now;
  };
  const note = (tickets: Iterable<SeenTicket>, until: number) => {
    for (const { id, version } of tickets) {
      // Deleted first, so that it moves to the end.
      taken.delete(id);
      taken.set(id, { version, until });
    }
  };
  const forgetOld = (now: number) => {
    for (const [id, { until }] of taken) {
      if (until > now) return;
      taken.delete(id);
    }
  };
  const read = (entries: readonly Entry[]) => {
    for (const [id, [, until, , tickets]] of entries) {
      note(ticketsIn(tickets), Number(until));
      last = id;
    }
  };

  return {
    isReserved,
    async reserve({ redis, keys, clock }, groups, forMs) {
      for (let attempt = 1; ; attempt++) {
        const now = clock.now();
        forgetOld(now);
        const wanted = new Map<string, SeenTicket>();
        const others = groups.map((group) => {
          const gone = group.filter((ticket) => wanted.has(ticket.id) || isReserved(ticket, now));
          if (gone.length === 0) for (const ticket of group) wanted.set(ticket.id, ticket);
          return gone;
        });
        if (wanted.size === 0) return others;
        const until = now + forMs;
        const reply = await runScript(redis, script, [keys.proposed], [last, until, textOf(wanted.values()), forMs]);
        if (typeof reply === "string") {
          // Another call may have read further meanwhile.
          if (isLater(reply, last)) last = reply;
          note(wanted.values(), until);
          return others;
        }
        // The script's header says what it returns.
        read(reply as Entry[]);
        if (attempt < TRIES) continue;
        note(wanted.values(), until);
        return others;
      }
    },
  };
};

interface Reservation {
  version: number;
  /** ms */
  until: number;
}

/** As the stream has them: `id version` of each. */
const textOf = (tickets: Iterable<SeenTicket>): string => {
  let text = "";
  for (const { id, version } of tickets) text += `${text === "" ? "" : " "}${id} ${version}`;
  return text;
};

function* ticketsIn(text: string): Generator<SeenTicket> {
  const words = text.split(" ");
  for (let n = 0; n + 1 < words.length; n += 2) yield { id: words[n] ?? "", version: Number(words[n + 1]) };
}

/** Ids of a stream are `<ms>-<n>`. */
const isLater = (id: string, other: string): boolean => {
  const [[ms = 0, n = 0], [otherMs = 0, otherN = 0]] = [id.split("-").map(Number), other.split("-").map(Number)];
  return ms > otherMs || (ms === otherMs && n > otherN);
};
