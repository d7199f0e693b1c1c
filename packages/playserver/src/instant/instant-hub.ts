import type { Clock, InstantQueue, Random } from "@muster/core";
import type { InstantNews } from "@muster/store";
import { FanOut, type Receiver } from "./fan-out.ts";
import { type Found, WaitList } from "./wait-list.ts";

/** A user who is connected here, whether it waits or not. */
export interface Member extends Receiver {
  /** The other user of an ended session would meet again. */
  askedAgain(session: string): void;
}

/** What this playserver knows of instant matching everywhere, and whom of its own users it tells. */
export interface InstantHub {
  /** Users who are told of each other here. */
  readonly receivers: number;
  /** Users on the wait list, everywhere. */
  readonly listed: number;
  /** By ticket, of all who wait. */
  readonly known: WaitList["known"];
  /** Takes what playservers announced. */
  onNews(news: InstantNews): void;
  /** Who waits under an alias; undefined for nobody. */
  find(alias: string): Found | undefined;
  /** An alias under which Redis knew nobody. */
  forget(alias: string): void;
  join(receiver: Receiver): void;
  leave(receiver: Receiver): void;
  /** The connection of a user; a later one takes its place. */
  connect(user: string, member: Member): void;
  disconnect(user: string, member: Member): void;
  close(): void;
}

export const createInstantHub = (
  { instant }: InstantQueue,
  defaults: { fanOut: number; sample: number },
  clock: Clock,
  random: Random,
): InstantHub => {
  const list = new WaitList();
  const { fanOut: most = defaults.fanOut, sample = defaults.sample } = instant;
  const fanOut = new FanOut({ list, clock, random, fanOut: most, sample });
  const members = new Map<string, Member>();

  return {
    get receivers() {
      return fanOut.size;
    },
    get listed() {
      return list.size;
    },
    get known() {
      return list.known;
    },
    onNews: ({ added = [], gone = [], again = [] }) => {
      for (const user of added) {
        const listed = list.add(user);
        if (listed) fanOut.newcomer(listed);
      }
      // After those who came: one may have come and gone within one message.
      for (const alias of gone) list.delete(alias);
      for (const { user, session } of again) members.get(user)?.askedAgain(session);
    },
    find: (alias) => list.find(alias),
    forget: (alias) => list.delete(alias),
    join: (receiver) => fanOut.join(receiver),
    leave: (receiver) => fanOut.leave(receiver),
    connect: (user, member) => void members.set(user, member),
    disconnect: (user, member) => {
      if (members.get(user) === member) members.delete(user);
    },
    close: () => fanOut.close(),
  };
};
