import type { RealmClient } from "@muster/client";
import type { Random, StateFrame } from "@muster/core";
import type { Batches } from "./batches.ts";
import { drawQueue, type Unit } from "./crowd.ts";
import type { Call, InMatch } from "./history.ts";
import type { Recorder } from "./recorder.ts";

/** Chances at each tick. */
const QUEUE = 0.5;
const CANCEL = 0.05;
const CHANGE = 0.1;
const END = 0.2;
const LEAVE = 0.04;
/** When nobody is to queue any more. */
const WINDING_DOWN = { cancel: 0.5, end: 0.8 };
/** Of all enqueues. */
const IN_A_BATCH = 0.25;
const REPEATED = 0.05;
/** Of all answers to a ready check; the rest is silence. */
const ACCEPTED = 0.86;
const DECLINED = 0.06;
/** Of those who are awaited in a session; the rest never comes. */
const JOINS = 0.9;

export interface UnitLife {
  unit: Unit;
  realm: RealmClient;
  record: Recorder["record"];
  batches: Batches;
  random: Random;
  /** What was heard of a player last. */
  known: (player: string) => StateFrame | undefined;
}

/** @returns what a unit does at a tick, by what it has heard of its players: at most one thing for each of them */
export const createUnitLife = ({ unit, realm, record, batches, random, known }: UnitLife) => {
  const ids = unit.players.map(({ id }) => id);
  /** Where it queued last. */
  let queue = "";
  let enqueues = 0;
  /** By match and player: what was decided once. */
  const decided = new Map<string, InMatch | "nothing">();

  const withElo = (by: number) => unit.players.map((player) => ({ ...player, elo: player.elo + by }));

  const enqueue = async (): Promise<void> => {
    queue = drawQueue(unit, random);
    const request = { players: withElo(0) };
    if (random.next() < IN_A_BATCH) return batches.enqueue(realm, queue, request);
    const key = `${ids[0]}-${enqueues++}`;
    const once = () =>
      record(
        [{ call: "enqueue", players: ids, key }],
        () => realm.enqueue(queue, request, { idempotencyKey: key }),
        ({ id }) => [{ ticket: id }],
      );
    const answer = await once();
    // Without an answer its caller asks again, and sometimes although it has one.
    if (!answer || random.next() < REPEATED) await once();
  };

  const cancel = (ticket: string) =>
    record(
      [{ call: "cancel", players: ids, ticket }],
      () => realm.cancelTicket(ticket),
      (answer) => [{ said: answer.outcome, ...("match" in answer && { match: answer.match.id }) }],
    );

  const change = async (ticket: string): Promise<void> => {
    const now = await realm.getTicket(ticket).catch(() => undefined);
    if (now?.status !== "queued") return;
    await record(
      [{ call: "change", players: ids, ticket }],
      // Every version has its own elo: so the match tells which one it was made from.
      () => realm.change(ticket, { version: now.version, players: withElo(now.version / 100) }),
      ({ version }) => [{ version }],
    );
  };

  const inMatch = (call: InMatch | "end", player: string, match: string) => {
    const calls = {
      accept: () => realm.acceptMatch(match, player),
      decline: () => realm.declineMatch(match, player),
      join: () => realm.joinMatch(match, player),
      leave: () => realm.leaveMatch(match, player),
      end: () => realm.endMatch(match),
    } satisfies Record<Call["call"] & (InMatch | "end"), () => Promise<unknown>>;
    return record<unknown>([{ call, players: [player], match }], calls[call], () => [{}]);
  };

  /** Does what it decides for this player in this match, once. */
  const once = async (player: string, match: string, draw: () => InMatch | "nothing"): Promise<void> => {
    const name = `${match} ${player}`;
    if (decided.has(name)) return;
    const what = draw();
    decided.set(name, what);
    if (what !== "nothing") await inMatch(what, player, match);
  };

  const answer = (): InMatch | "nothing" => {
    const chance = random.next();
    if (chance < ACCEPTED) return "accept";
    return chance < ACCEPTED + DECLINED ? "decline" : "nothing";
  };

  const play = async (player: string, match: string, end: number): Promise<void> => {
    if (queue === "room") {
      await once(player, match, () => (random.next() < JOINS ? "join" : "nothing"));
      if (decided.get(`${match} ${player}`) === "nothing") return;
      if (random.next() < LEAVE) {
        await inMatch("leave", player, match);
        return;
      }
    }
    // One of those who are in it, so that large matches don't end sooner than small ones.
    if (random.next() < end / unit.players.length) await inMatch("end", player, match);
  };

  return async ({ mayQueue }: { mayQueue: boolean }): Promise<void> => {
    const states = ids.map((id) => known(id));
    const [first] = states;
    if (mayQueue && states.every((each) => !each || each.state === "idle")) {
      if (random.next() < QUEUE) await enqueue();
      return;
    }
    if (first?.state === "inqueue" && first.ticket !== undefined) {
      const chance = random.next();
      const cancels = mayQueue ? CANCEL : WINDING_DOWN.cancel;
      if (chance < cancels) await cancel(first.ticket);
      else if (chance < cancels + CHANGE) await change(first.ticket);
    }
    for (const [index, player] of ids.entries()) {
      const { state, match } = states[index] ?? {};
      if (match === undefined) continue;
      if (state === "pending") await once(player, match, answer);
      if (state === "inmatch") await play(player, match, mayQueue ? END : WINDING_DOWN.end);
    }
  };
};
