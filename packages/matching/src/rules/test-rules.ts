import { type Attributes, type Queue, type Rule, stepFor, type WaitingPlayer, type WaitingTicket } from "@muster/core";
import fc from "fast-check";
import { queueOf, ticketOf } from "../test-support.ts";

/** What the tests of rules and regions share: generators, and a second reading of the rules, player by player. */

type Value = NonNullable<WaitingPlayer["attributes"]>[string];

const of = (player: WaitingPlayer, name: string): Value | undefined => player.attributes?.[name];
const asList = (value: Value | undefined): string[] | undefined =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value : undefined;
const same = (one: Value, other: Value): boolean =>
  Array.isArray(one) && Array.isArray(other)
    ? one.every((each) => other.includes(each)) && other.every((each) => one.includes(each))
    : one === other;

/** Whether a ticket with so many tries lets `own`, a player of it, meet `other`, of another ticket. */
const letsMeet = (rule: Rule, tries: number, own: WaitingPlayer, other: WaitingPlayer): boolean => {
  if (rule.untilTry !== undefined && tries >= rule.untilTry) return true;
  if (rule.kind === "teamSum") return true;
  if (rule.kind === "avoid") return !asList(of(own, rule.attribute))?.includes(other.id);
  const passesMissing = rule.missing === "accept";
  const [mine, theirs] = [of(own, rule.attribute), of(other, rule.attribute)];
  switch (rule.kind) {
    case "equal":
      return mine === undefined || theirs === undefined ? passesMissing : same(mine, theirs);
    case "oneOf": {
      const accepted = asList(of(own, rule.accepted));
      if (!accepted) return true;
      return typeof theirs === "string" ? accepted.includes(theirs) : passesMissing;
    }
    case "distance": {
      const max = Math.max(...rule.steps.filter(({ fromTry = 0 }) => fromTry <= tries).map((step) => step.max));
      return typeof mine === "number" && typeof theirs === "number" ? Math.abs(mine - theirs) <= max : passesMissing;
    }
    case "intersection": {
      const [one, two] = [asList(mine), asList(theirs)];
      if (!one || !two) return passesMissing;
      return [...new Set(one)].filter((each) => two.includes(each)).length >= rule.atLeast;
    }
  }
};

/** Whether a list rule holds for all players of a match together. */
const haveInCommon = (rule: Rule, tickets: readonly WaitingTicket[]): boolean => {
  if (rule.kind !== "intersection") return true;
  if (tickets.every(({ tries }) => tries >= (rule.untilTry ?? Infinity))) return true;
  const lists = (ticket: WaitingTicket) => ticket.players.map((player) => asList(of(player, rule.attribute)));
  const all = tickets.flatMap(lists);
  if (rule.missing === "refuse" && all.includes(undefined)) return false;
  if (tickets.filter((ticket) => lists(ticket).some((list) => list !== undefined)).length < 2) return true;
  const known = all.filter((list) => list !== undefined);
  return [...new Set(known[0])].filter((each) => known.every((list) => list.includes(each))).length >= rule.atLeast;
};

export const rulesHold = (queue: Queue, tickets: readonly WaitingTicket[]): boolean =>
  (queue.rules ?? []).every(
    (rule) =>
      haveInCommon(rule, tickets) &&
      tickets.every((one) =>
        tickets.every(
          (other) =>
            one === other ||
            one.players.every((own) => other.players.every((met) => letsMeet(rule, one.tries, own, met))),
        ),
      ),
  );

/** The region that a match of these tickets belongs in; undefined: anywhere; "refused" when there is none. */
export const regionByScan = (queue: Queue, tickets: readonly WaitingTicket[]): string | undefined => {
  const uses = queue.steps.some((step) => step.maxLatencyMs !== undefined || step.maxDeltaPingMs !== undefined);
  const pings = tickets
    .flatMap(({ players }) => players.map(({ latencyMs = {} }) => latencyMs))
    .filter((each) => Object.keys(each).length > 0);
  if (!uses || pings.length === 0) return undefined;
  const rated = [...new Set(pings.flatMap(Object.keys))].sort().flatMap((region) => {
    const known = pings.map((each) => each[region]).filter((ping) => ping !== undefined);
    if (known.length < pings.length) return [];
    const deltas = pings.map((each) => (each[region] ?? Number.NaN) - Math.min(...Object.values(each)));
    const suitsAll = tickets.every(({ tries }) => {
      const { maxLatencyMs = Infinity, maxDeltaPingMs = Infinity } = stepFor(queue, tries);
      return known.every((ping) => ping <= maxLatencyMs) && deltas.every((delta) => delta <= maxDeltaPingMs);
    });
    return suitsAll ? [{ region, worst: Math.max(...known), sum: known.reduce((sum, ping) => sum + ping, 0) }] : [];
  });
  rated.sort((a, b) => a.worst - b.worst || a.sum - b.sum || (a.region < b.region ? -1 : 1));
  return rated[0]?.region ?? "refused";
};

const anyMissing = fc.constantFrom("accept" as const, "refuse" as const);
const anyUntil = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined });
const until = (untilTry: number | undefined) => (untilTry === undefined ? {} : { untilTry });

/** Rules about the attributes `text`, `likes`, `list`, `number` and `avoid`, as `anyRuledTickets` have them. */
export const anyRule: fc.Arbitrary<Rule> = fc
  .tuple(anyMissing, anyUntil, fc.integer({ min: 1, max: 2 }), fc.nat(3), fc.nat(4), fc.integer({ min: 1, max: 5 }))
  .chain(([missing, untilTry, atLeast, max, widening, fromTry]) => {
    const common = { missing, ...until(untilTry) };
    const steps = [
      { fromTry: 0, max },
      { fromTry, max: max + widening },
    ];
    return fc.constantFrom<Rule>(
      { kind: "equal", attribute: "text", ...common },
      { kind: "equal", attribute: "list", ...common },
      { kind: "oneOf", attribute: "text", accepted: "likes", ...common },
      { kind: "intersection", attribute: "list", atLeast, ...common },
      { kind: "distance", attribute: "number", steps, ...common },
      { kind: "avoid", attribute: "avoid", ...until(untilTry) },
    );
  });

const anyRegionSteps: fc.Arbitrary<Queue["steps"]> = fc
  .tuple(fc.integer({ min: 10, max: 60 }), fc.nat(40), fc.nat(40), fc.nat(60), fc.integer({ min: 1, max: 5 }))
  .chain(([maxLatencyMs, maxDeltaPingMs, more, moreDelta, fromTry]) => {
    const wider = { maxLatencyMs: maxLatencyMs + more, maxDeltaPingMs: maxDeltaPingMs + moreDelta };
    return fc.constantFrom<Queue["steps"]>(
      [{ fromTry: 0 }],
      [
        { fromTry: 0, maxLatencyMs, maxDeltaPingMs },
        { fromTry, ...wider },
      ],
      [{ fromTry: 0, maxLatencyMs }, { fromTry }],
      [{ fromTry: 0, maxDeltaPingMs }, { fromTry }],
    );
  });

/** Queues with up to three rules and, mostly, limits for regions, for teams of this size. */
export const anyRuledQueue = (size: number, count = 2): fc.Arbitrary<Queue> =>
  fc
    .tuple(fc.array(anyRule, { maxLength: 3 }), anyRegionSteps)
    .map(([rules, steps]) => queueOf({ rules, steps, teams: { count, size }, maxPartySize: size }));

const usually = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 4 });

/** Tickets t0, t1, … alike enough that rules often hold, and often don't. */
export const anyRuledTickets = ({ maxParty = 1, maxLength = 24 } = {}): fc.Arbitrary<WaitingTicket[]> => {
  const anyList = fc.subarray(["x", "y", "z"]);
  const anyPlayer = fc.record({
    elo: fc.nat(50),
    text: usually(fc.constantFrom("x", "y")),
    likes: fc.option(anyList, { nil: undefined }),
    list: usually(anyList),
    number: usually(fc.nat(6)),
    avoid: fc.option(fc.subarray(["t0-0", "t1-0", "t2-1", "t3-0"], { maxLength: 2 }), { nil: undefined }),
    latencyMs: usually(
      fc.record({ eu: fc.nat(90), us: fc.nat(90), asia: fc.nat(90) }, { requiredKeys: [], noNullPrototype: true }),
    ),
  });
  const anyTicket = fc.record({
    players: fc.array(anyPlayer, { minLength: 1, maxLength: maxParty }),
    tries: fc.nat(10),
    createdAt: fc.nat(5),
  });
  return fc.array(anyTicket, { minLength: 2, maxLength, size: "max" }).map((list) =>
    list.map(({ players, ...given }, index) => {
      const ticket = ticketOf(
        `t${index}`,
        players.map(({ elo }) => elo),
        given,
      );
      const withAll = ticket.players.map((player, place): WaitingPlayer => {
        const { elo: _, latencyMs, ...looked } = players[place] ?? { elo: 0 };
        const attributes: Attributes = {};
        for (const [name, value] of Object.entries(looked)) if (value !== undefined) attributes[name] = value;
        return { ...player, attributes, ...(latencyMs && { latencyMs }) };
      });
      return { ...ticket, players: withAll };
    }),
  );
};
