import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { LOAD_DEFAULTS, type Person, readPopulation, seededRandom } from "@muster/cli";
import { parseQueues, type Queue, type Random, type WaitingTicket } from "@muster/core";
import { readQueues } from "@muster/core/service";
import { findMatches, type SearchResult } from "@muster/matching";
import type { Bench, BenchContext } from "../bench.ts";
import { median } from "../median.ts";
import { openColyseusPass } from "../peer/colyseus-pass.ts";

const QUEUES = fileURLToPath(new URL("../../queues.json", import.meta.url));
const CROWD = 100_000;
/** Elo is drawn from real players, and moved by up to so much: a hundred thousand have more elos than those few had. */
const JITTER = 10;
/** Within which the tickets of a crowd were created. */
const CROWD_MS = 60_000;
/** For the gap: as many as wait in a busy queue. */
const HALL = 1_000;
const HALLS = 40;
/**
 * Hostile crowds come in this size and in four times it: n log n makes that 4.5 times the time, n² 16 times. Both are
 * larger than the processor's caches: a crowd of 25,000 fits into them, and four of those took 4 to 6.3 times as long.
 */
const HOSTILE = 50_000;
const MOST_GROWTH = 6;
const HOSTILE_PARTIES = 1_000;
/** More than the gap of teams that `ranked` accepts at first. */
const TOO_UNEVEN = 21;
/** Players of a crowd with parties of one to so many, each size half as frequent as the one before: an assumption. */
const PARTY_CROWD = 5_000;
const LARGEST_PARTY = 5;
const SIX = { tank: 2, healer: 2, dps: 2 };
/** Players in a large match, and the goal for its split; the whole search for it is what is timed. */
const LARGE = 100;
const MOST_SPLIT_MS = 5;
/** A matchmaker is warm after a few seconds; a pass is compiled to the end after some six. */
const WARM_UP = 8;
/** By then it has been compiled, and to draw two hundred thousand takes longer than to match them. */
const HOSTILE_WARM_UP = 3;
/** V8's threads go on sweeping after a full collection returned: a pass right after it took a fifth longer by the clock. */
const SWEEPING_MS = 50;

export const matching: Bench = {
  name: "matching",
  about: `the matching pass alone, in one thread: ${CROWD.toLocaleString("en-US")} real elos at once, all to be served`,
  seed: 100_000,
  async run(context) {
    const [queues, people] = [await readQueues(QUEUES), await readPopulation(LOAD_DEFAULTS.population)];
    const [duel, team, ranked, hunt] = [
      ...[queueNamed(queues, "duel"), queueNamed(queues, "team")],
      ...[queueNamed(queues, "ranked"), queueNamed(queues, "hunt")],
    ] as const;
    const repetitions = context.quick ? 4 : 9;
    const crowd = (random: Random) => realTickets(people, CROWD, random);
    const { duels, colyseusMs } = await timeDuels(context, duel, crowd, repetitions);
    const teams = await timeSearches(context, team, crowd, repetitions);
    const parties = (random: Random) => partyTickets(people, PARTY_CROWD, random);
    const rankedParties = await timeSearches(context, ranked, parties, repetitions);
    const rolled = (random: Random) => parties(random).map((ticket) => withRoles(ticket, Object.keys(SIX), random));
    const rolesParties = await timeSearches(context, queueOfRoles(), rolled, repetitions);
    const unhealed = () =>
      hostileTickets(HALL, (index) => ({ elo: 1_000 + (index % 50), avgPingMs: 50, roles: ["dps"] }));
    const lacking = await timeSearches(context, queueOfRoles(), unhealed, repetitions);
    const halls = await timeSearches(context, duel, (random) => realTickets(people, HALL, random), HALLS);
    const large = async (count: number, size: number) => {
      const queue = queueOfTeams(count, size);
      const draw = (random: Random) => realTickets(people, LARGE, random);
      // A hundred tickets are no garbage to speak of; after a full collection the processor's caches would be cold.
      const { medianMs } = await timeSearches(context, queue, draw, HALLS, { before: async () => {} });
      return medianMs;
    };
    const growth = async (fill: Fill, queue = duel, fewest = HOSTILE) => {
      const times: number[] = [];
      // Searches of a few ms need more luck for a best one.
      const most = fewest < HOSTILE ? 15 : 5;
      for (const count of [fewest, 4 * fewest]) {
        const draw = () => hostileTickets(count, fill);
        const { bestMs } = await timeSearches(context, queue, draw, context.quick ? 2 : most, {
          warmUp: fewest < HOSTILE ? WARM_UP : HOSTILE_WARM_UP,
        });
        times.push(bestMs);
      }
      const [once = 0, fourfold = 0] = times;
      return fourfold / once;
    };
    return {
      figures: {
        duelPlayersPerSecond: playersPerSecond(duels.medianMs),
        duelPlayersPerSecondBest: playersPerSecond(duels.bestMs),
        duelPlayersPerThreadSecond: playersPerSecond(duels.medianThreadMs),
        duelPlayersPerCpuSecond: playersPerSecond(duels.medianCpuMs),
        colyseusPlayersPerSecond: playersPerSecond(colyseusMs),
        duelToColyseus: colyseusMs / duels.medianMs,
        teamPlayersPerSecond: playersPerSecond(teams.medianMs),
        teamPlayersPerSecondBest: playersPerSecond(teams.bestMs),
        partyPlayersPerSecond: Math.round((PARTY_CROWD / rankedParties.medianMs) * 1_000),
        partyUnmatchedShare: rankedParties.unmatchedShare,
        rolePlayersPerSecond: Math.round((PARTY_CROWD / rolesParties.medianMs) * 1_000),
        roleUnmatchedShare: rolesParties.unmatchedShare,
        lackingRoleMs: lacking.medianMs,
        meanGap: halls.meanGap,
        unmatchedShare: halls.unmatchedShare,
        large2x50Ms: await large(2, 50),
        large20x5Ms: await large(20, 5),
        large100x1Ms: await large(100, 1),
        hostileSameEloGrowth: await growth(() => ({ elo: 1_000, avgPingMs: 50 })),
        hostileDifferentGrowth: await growth((index) => ({ elo: index / 20, avgPingMs: 50 })),
        hostilePingGrowth: await growth((index) => ({ elo: 1_000, avgPingMs: 1_000 * index })),
        // Trios fill no team of five, and full parties face only each other.
        hostileTriosGrowth: await growth(() => ({ elo: 1_000, avgPingMs: 50, size: 3 }), ranked, HOSTILE_PARTIES),
        hostileFullPartiesGrowth: await growth(() => ({ elo: 1_000, avgPingMs: 50, size: 5 }), ranked, HOSTILE_PARTIES),
        // Each accepts its neighbours by elo, and no two are even enough.
        hostileUnevenGrowth: await growth(
          (index) => ({ elo: TOO_UNEVEN * index, avgPingMs: 50, size: 5 }),
          ranked,
          HOSTILE_PARTIES,
        ),
        // All want to be the hunter.
        hostileNamesGrowth: await growth(
          () => ({ elo: 1_000, avgPingMs: 50, teams: ["hunter"] }),
          hunt,
          HOSTILE_PARTIES,
        ),
      },
      rows: [
        { figure: "duelPlayersPerSecond", label: "1 against 1, median", unit: "players/s" },
        { figure: "duelPlayersPerSecondBest", label: "1 against 1, best", unit: "players/s" },
        { figure: "duelPlayersPerThreadSecond", label: "  per second of CPU of its thread", unit: "players" },
        {
          figure: "duelPlayersPerCpuSecond",
          label: "  per second of CPU of all threads, which collect garbage too",
          unit: "players",
        },
        {
          figure: "colyseusPlayersPerSecond",
          label: "  Colyseus' pass over the same players, in turns, median",
          unit: "players/s",
        },
        { figure: "duelToColyseus", label: "  Muster to Colyseus", unit: "×" },
        { figure: "teamPlayersPerSecond", label: "5 against 5, median", unit: "players/s" },
        { figure: "teamPlayersPerSecondBest", label: "5 against 5, best", unit: "players/s" },
        { figure: "partyPlayersPerSecond", label: "5 against 5 with parties, in ranked", unit: "players/s" },
        { figure: "partyUnmatchedShare", label: "  of its tickets unmatched at once" },
        { figure: "rolePlayersPerSecond", label: "6 against 6 with parties and roles", unit: "players/s" },
        { figure: "roleUnmatchedShare", label: "  of its tickets unmatched at once" },
        { figure: "lackingRoleMs", label: `  a search for ${HALL} tickets that all want one role`, unit: "ms" },
        { figure: "meanGap", label: `1 against 1, mean gap of ${HALL} tickets`, unit: "elo" },
        { figure: "unmatchedShare", label: "  of these unmatched" },
        { figure: "large2x50Ms", label: "A match of 100 players, 2 teams: search and split", unit: "ms" },
        { figure: "large20x5Ms", label: "  20 teams", unit: "ms" },
        { figure: "large100x1Ms", label: "  each for itself", unit: "ms" },
        { figure: "hostileSameEloGrowth", label: "4 times the tickets, all of one elo: time", unit: "×" },
        { figure: "hostileDifferentGrowth", label: "4 times the tickets, no two of one elo: time", unit: "×" },
        { figure: "hostilePingGrowth", label: "4 times the tickets, pings too far apart: time", unit: "×" },
        { figure: "hostileTriosGrowth", label: "4 times the parties of 3 for teams of 5: time", unit: "×" },
        { figure: "hostileFullPartiesGrowth", label: "4 times the parties of 5 for teams of 5: time", unit: "×" },
        {
          figure: "hostileUnevenGrowth",
          label: "4 times the parties of 5, no two of them even enough: time",
          unit: "×",
        },
        { figure: "hostileNamesGrowth", label: "4 times the tickets that all ask for one team: time", unit: "×" },
      ],
      goals: [
        { figure: "duelPlayersPerSecond", atLeast: 1_000_000 },
        { figure: "duelToColyseus", atLeast: 1 },
        { figure: "teamPlayersPerSecond", atLeast: 200_000 },
        { figure: "meanGap", below: 2 },
        { figure: "large2x50Ms", below: MOST_SPLIT_MS },
        { figure: "large20x5Ms", below: MOST_SPLIT_MS },
        { figure: "large100x1Ms", below: MOST_SPLIT_MS },
        { figure: "hostileSameEloGrowth", below: MOST_GROWTH },
        { figure: "hostileDifferentGrowth", below: MOST_GROWTH },
        { figure: "hostilePingGrowth", below: MOST_GROWTH },
        { figure: "hostileTriosGrowth", below: MOST_GROWTH },
        { figure: "hostileFullPartiesGrowth", below: MOST_GROWTH },
        { figure: "hostileUnevenGrowth", below: MOST_GROWTH },
        { figure: "hostileNamesGrowth", below: MOST_GROWTH },
      ],
      notes: [
        `${repetitions} repetitions after ${WARM_UP} to warm up (hostile crowds of duels ${HOSTILE_WARM_UP}), each with other tickets, in the order of their arrival within a minute, just parsed out of a job, ${SWEEPING_MS} ms after a collection of garbage. The queues are the shipped ones, at the first try.`,
        `With parties: ${PARTY_CROWD.toLocaleString("en-US")} players, parties of 1 to ${LARGEST_PARTY}, each size half as frequent as the one before, and of three roles each lists two: assumptions.`,
        `Elo and ping are those of real players, drawn with repetition; in the crowd elo is moved by up to ${JITTER}. The gap is the mean of ${HALLS} draws.`,
      ],
    };
  },
};

interface Searches {
  medianMs: number;
  bestMs: number;
  medianCpuMs: number;
  medianThreadMs: number;
  meanGap: number;
  unmatchedShare: number;
}

/** Duels, and in turns with them the pass of Colyseus over the same players: absolute rates differ from hour to hour. */
const timeDuels = async (
  context: BenchContext,
  queue: Queue,
  draw: (random: Random) => WaitingTicket[],
  repetitions: number,
): Promise<{ duels: Searches; colyseusMs: number }> => {
  const [spread = Infinity] = queue.steps.map(({ eloSpread }) => eloSpread);
  const times: number[] = [];
  const colyseus = openColyseusPass(spread);
  const before = async (job: string) => {
    const ranks = ticketsOf(job).map(({ elo }) => elo);
    await collectGarbage();
    colyseus.fill(ranks);
    const begin = performance.now();
    const groups = colyseus.run();
    times.push(performance.now() - begin);
    if (groups === 0) throw new Error("Colyseus made no groups");
    await collectGarbage();
  };
  const duels = await timeSearches(context, queue, draw, repetitions, { before });
  return { duels, colyseusMs: median(times.slice(-repetitions)) };
};

/**
 * Searches with all tickets to serve and no others, each time with new ones.
 *
 * @param before is given the job of each search before it; by default it clears up what drawing it left behind, which is
 *   not for the search to do
 */
const timeSearches = async (
  { seed, signal }: BenchContext,
  queue: Queue,
  draw: (random: Random) => WaitingTicket[],
  repetitions: number,
  { before = collectGarbage, warmUp = WARM_UP }: { before?: (job: string) => Promise<void>; warmUp?: number } = {},
): Promise<Searches> => {
  const random = seededRandom(seed);
  const times: number[] = [];
  const cpuTimes: number[] = [];
  const threadTimes: number[] = [];
  let [gaps, matches, unmatched, tickets] = [0, 0, 0, 0];
  for (let run = -warmUp; run < repetitions; run++) {
    // Lets a signal in.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const job = JSON.stringify(draw(random));
    await before(job);
    // As in a matchmaker: out of a job, and at once. Where they lie in memory is as it comes out of that; and strings that
    // were put together in this process would be slower to compare.
    const serve = ticketsOf(job);
    const { result, ms, cpuMs, threadMs } = timed(queue, serve);
    if (run < 0) continue;
    times.push(ms);
    cpuTimes.push(cpuMs);
    threadTimes.push(threadMs);
    for (const { eloGap } of result.proposals) gaps += eloGap;
    matches += result.proposals.length;
    unmatched += result.unmatched.length;
    tickets += serve.length;
  }
  return {
    medianMs: median(times),
    medianCpuMs: median(cpuTimes),
    medianThreadMs: median(threadTimes),
    bestMs: Math.min(...times),
    meanGap: gaps / matches,
    unmatchedShare: unmatched / tickets,
  };
};

const ticketsOf = (job: string): WaitingTicket[] => JSON.parse(job);

interface Timed {
  result: SearchResult;
  ms: number;
  /** Of all threads. */
  cpuMs: number;
  threadMs: number;
}

/** By the clock, and by the CPU: on a busy machine the clock also counts who else was at work. */
const timed = (queue: Queue, serve: readonly WaitingTicket[]): Timed => {
  readyIds.reset();
  const [cpu, thread] = [process.cpuUsage(), process.threadCpuUsage()];
  const begin = performance.now();
  const result = findMatches({ queue, serve, candidates: [], now: 0, ids: readyIds });
  const ms = performance.now() - begin;
  const [threadMs, cpuMs] = [process.threadCpuUsage(thread), process.cpuUsage(cpu)].map(
    ({ user, system }) => (user + system) / 1_000,
  );
  return { result, ms, cpuMs: cpuMs ?? 0, threadMs: threadMs ?? 0 };
};

/** Made beforehand, for to draw an id is the caller's work; and by one function for all searches, as in a matchmaker. */
const readyIds = ((made: readonly string[], next = 0) => ({
  match: () => made[next++] ?? "",
  reset: () => {
    next = 0;
  },
}))(Array.from({ length: CROWD }, (_, index) => `m_${index}`));

const collectGarbage = ((): (() => Promise<void>) => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  return async () => {
    collect();
    await setTimeout(SWEEPING_MS);
  };
})();

const playersPerSecond = (ms: number): number => Math.round((CROWD / ms) * 1_000);

/** @returns what all players of a ticket are like, and how many they are */
type Fill = (
  index: number,
) => Pick<Person, "elo" | "avgPingMs"> & { size?: number; teams?: string[]; roles?: string[] };

const hostileTickets = (count: number, fill: Fill): WaitingTicket[] =>
  Array.from({ length: count }, (_, index) => toTicket(index, index, fill(index)));

const realTickets = (people: readonly Person[], count: number, random: Random): WaitingTicket[] =>
  Array.from({ length: count }, (_, index) => {
    const { elo, avgPingMs } = people[Math.floor(random.next() * people.length)] ?? { elo: 0, avgPingMs: 0 };
    const moved = count > people.length ? Math.round((random.next() * 2 - 1) * JITTER) : 0;
    return toTicket(index, Math.floor((index / count) * CROWD_MS), { elo: elo + moved, avgPingMs });
  });

/** All players of a party are alike. */
const partyTickets = (people: readonly Person[], players: number, random: Random): WaitingTicket[] => {
  const tickets: WaitingTicket[] = [];
  for (let left = players; left > 0; ) {
    let size = 1;
    while (size < Math.min(LARGEST_PARTY, left) && random.next() < 0.5) size++;
    left -= size;
    const [first] = realTickets(people, 1, random);
    if (!first) continue;
    const {
      elo,
      players: [player],
    } = first;
    const id = `t_${tickets.length}`;
    tickets.push({
      ...{ ...first, id, elo, createdAt: first.createdAt + tickets.length },
      players: Array.from({ length: size }, (_, place) => ({ ...player, id: `${id}_${place}`, elo })),
    });
  }
  return tickets;
};

const withRoles = (ticket: WaitingTicket, roles: readonly string[], random: Random): WaitingTicket => ({
  ...ticket,
  players: ticket.players.map((player) => ({
    ...player,
    roles: roles.toSpliced(Math.floor(random.next() * roles.length), 1),
  })),
});

const toTicket = (index: number, afterMs: number, { size = 1, teams, ...player }: ReturnType<Fill>): WaitingTicket => ({
  ...{ id: `t_${index}`, version: 1, tries: 0, elo: player.elo, ...(teams && { teams }) },
  createdAt: 1_700_000_000_000 + afterMs,
  players: Array.from({ length: size }, (_, place) => ({ id: `p_${index * size + place}`, ...player })),
});

const queueOfTeams = (count: number, size: number): Queue => {
  const name = `teams-${count}x${size}`;
  const teams = { teams: { count, size }, maxPartySize: 1, steps: [{ fromTry: 0 }] };
  const rest = { retryEveryMs: 1_000, expireAfterMs: 60_000, matchLengthMs: 60_000, maxWaiting: 10_000 };
  const queue = parseQueues({ queues: { [name]: { title: name, ...teams, ...rest } } }, name).get(name);
  if (!queue) throw new Error(`no queue ${name}`);
  return queue;
};

const queueOfRoles = (): Queue => {
  const teams = { teams: { count: 2, size: 6, roles: SIX }, maxPartySize: LARGEST_PARTY };
  const rest = { steps: [{ fromTry: 0, eloSpread: 100 }], retryEveryMs: 1_000, expireAfterMs: 60_000 };
  const limits = { matchLengthMs: 60_000, maxWaiting: 10_000 };
  const queue = parseQueues({ queues: { roles: { ...teams, ...rest, ...limits } } }, "roles").get("roles");
  if (!queue) throw new Error("no queue with roles");
  return queue;
};

const queueNamed = (queues: ReadonlyMap<string, Queue>, name: string): Queue => {
  const queue = queues.get(name);
  if (!queue) throw new Error(`queues.json has no queue ${name}`);
  return queue;
};
