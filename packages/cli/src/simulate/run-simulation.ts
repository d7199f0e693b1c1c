import { type Queue, usesRoles } from "@muster/core";
import type { Person } from "../load/population.ts";
import { seededRandom } from "../load/seeded-random.ts";
import { drawArrivals, halvingWeights } from "./arrivals.ts";
import { compareWithHindsight, type Hindsight } from "./hindsight.ts";
import { type WaitPoint, waitCurve } from "./kaplan-meier.ts";
import { type Figures, measure } from "./measure.ts";
import { eloGapOf, waitsOf } from "./measure-groups.ts";
import type { SimulateOptions } from "./options.ts";
import { type Simulation, type SimulationProgress, simulate } from "./simulate.ts";
import { scarceRoleWeights, type WishWeights, withWishes } from "./wishes.ts";

/** What a simulated run found. The names are fixed: scripts read them. The same options give the same report. */
export interface SimulationReport extends Figures, Hindsight {
  seed: number;
  queue: string;
  ratePerS: number;
  /** Simulated seconds. */
  seconds: number;
  /** The hour of the day at which the run began; null: the same rate at all hours. */
  startHour: number | null;
  /** Arrivals of copies of people who were busy: the population had nobody idle. */
  copies: number;
  /** Weights of parties of 1, 2, … players among the arrivals. */
  partyWeights: number[];
  /** Weights of roles as first choices; empty where the queue has no roles. */
  roleWeights: WishWeights;
  /** Weights of the teams that tickets ask for by name; empty: nobody asks for one. */
  teamWeights: WishWeights;
  /** The queue as it was defined. */
  definition: Queue;
}

export interface SimulatedRun {
  report: SimulationReport;
  /** What the page draws. */
  plots: {
    /** Some of the matches: how long its longest wait was, and its elo gap. */
    matches: { waitMs: number; eloGap: number }[];
    waits: readonly WaitPoint[];
  };
}

/** As the services have it by default. */
const GATHER_MS = 5;
/** Added to the seed for what players ask for. */
const WISHES = 0x5eed;
const MAX_DRAWN_MATCHES = 2_000;

/** Told how far it is; the number of a run counts from 0. */
export interface SimulationWatch {
  /** Called often. */
  progress?(run: number, progress: SimulationProgress): void;
  /** The run is simulated, and is compared with hindsight next. */
  simulated?(run: number): void;
  /** The run has its report. */
  compared?(run: number): void;
}

/** Simulates each definition on the very same arrivals. */
export const runSimulation = (
  options: SimulateOptions,
  people: readonly Person[],
  watch: SimulationWatch = {},
): SimulatedRun[] => {
  const { definitions, ratePerS, forMs, startHour, seed, matchForMs, commitMs } = options;
  const queues = definitions.map(({ queue }) => queue);
  const partyWeights = options.partyWeights ?? halvingWeights(Math.min(...queues.map((queue) => queue.maxPartySize)));
  const busyMs = Math.max(
    ...queues.map(({ expireAfterMs, matchLengthMs }) => expireAfterMs + Math.min(matchLengthMs, matchForMs)),
  );
  const random = seededRandom(seed);
  const { list, copies } = drawArrivals({ people, ratePerS, forMs, startHour, busyMs, partyWeights, random });
  return queues.map((queue, run) => {
    const roleWeights = usesRoles(queue) ? (options.roleWeights ?? scarceRoleWeights(queue)) : {};
    const teamWeights = options.teamWeights ?? {};
    // A stream of its own: who arrives when stays the same, whatever is asked for.
    const wishes = seededRandom(seed + WISHES);
    const arrivals = withWishes(queue, list, { roles: roleWeights, teams: teamWeights }, wishes);
    const simulation = simulate({
      ...{ queue, arrivals, forMs, commitMs, matchForMs },
      gatherMs: GATHER_MS,
      progress: (now) => watch.progress?.(run, now),
    });
    const figures = measure({ ...simulation, queue, forMs, matchForMs: Math.min(matchForMs, queue.matchLengthMs) });
    watch.simulated?.(run);
    const hindsight = compareWithHindsight(queue, simulation.matches);
    watch.compared?.(run);
    const report: SimulationReport = {
      ...figures,
      ...hindsight,
      ...{ seed, queue: queue.name, ratePerS, seconds: forMs / 1_000, startHour, copies, partyWeights },
      ...{ roleWeights, teamWeights },
      definition: queue,
    };
    return { report, plots: plotsOf(simulation) };
  });
};

const plotsOf = ({ lives, matches }: Simulation): SimulatedRun["plots"] => {
  const every = Math.ceil(matches.length / MAX_DRAWN_MATCHES);
  return {
    matches: matches
      .filter((_, index) => index % every === 0)
      .map((match) => ({
        waitMs: match.atMs - Math.min(...match.teams.flat().map(({ arrivedAtMs }) => arrivedAtMs)),
        eloGap: eloGapOf(match),
      })),
    waits: waitCurve(waitsOf(lives)).points,
  };
};
