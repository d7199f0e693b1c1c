import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseQueues } from "@muster/core";
import { systemClock } from "@muster/core/service";
import { openStore, type Store } from "@muster/store";
import { type Browser, chromium } from "playwright-core";
import { type Bench, type BenchContext, type Figures, figureAt } from "../bench.ts";
import { measureLoad } from "../measure-load.ts";
import { median } from "../median.ts";
import { type BenchSystem, startBenchSystem } from "../system.ts";

const PAGES = 20;
const RATE = 300;
const WARM_UP_MS = 5_000;
/** Turns without and with pages, each kind first in every other turn: the machine's moods hit both, and so does age. */
const TURNS = 6;
const WAITING = 5_000;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const ROLES = ["orchestrator", "sweeper", "matchmaker", "mover", "playserver", "redis"];

export const monitor: Bench = {
  name: "monitor",
  about: `what ${PAGES} open pages of the monitor cost the matching, and how fluently one draws ${WAITING} players`,
  seed: 20,
  async run(context) {
    await using system = await startBenchSystem(context);
    const forMs = context.quick ? 8_000 : 15_000;
    await measureLoad(context, system, { queue: "duel", rate: RATE, forMs: WARM_UP_MS });
    const costs = { without: [] as number[], with: [] as number[] };
    const monitorCores: number[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      for (const kind of turn % 2 === 0 ? (["without", "with"] as const) : (["with", "without"] as const)) {
        const close = kind === "with" ? openPages(system.url) : async () => {};
        const { figures } = await measureLoad(context, system, {
          ...{ queue: "duel", rate: RATE, forMs, seed: context.seed + turn },
        });
        costs[kind].push(costOf(figures));
        context.say(`${kind === "with" ? PAGES : "no"} pages: ${costOf(figures).toFixed(0)} µs per player`);
        if (kind === "with") monitorCores.push(figureAt(figures, "cores.monitor") ?? 0);
        await close();
      }
    }
    const frames = await measureFrames(context, system);
    const ratios = costs.with.map((cost, turn) => cost / (costs.without[turn] ?? Number.NaN));
    return {
      figures: {
        cpuMicrosPerPlayer: { without: median(costs.without), with: median(costs.with) },
        costRatio: median(ratios),
        monitorCores: median(monitorCores),
        ...frames,
      },
      rows: [
        {
          figure: "cpuMicrosPerPlayer.without",
          label: "CPU of matching and Redis per matched player, no page",
          unit: "µs",
        },
        { figure: "cpuMicrosPerPlayer.with", label: `  with ${PAGES} pages`, unit: "µs" },
        { figure: "costRatio", label: "  ratio, median of the turns", unit: "×" },
        { figure: "monitorCores", label: `CPU of the monitor with ${PAGES} pages`, unit: "cores" },
        { figure: "shown", label: "players drawn" },
        { figure: "framesPerSecond", label: "frames/s in headless Chromium, drawn without a graphics card" },
      ],
      goals: [
        { figure: "costRatio", below: 1.02 },
        { figure: "framesPerSecond", atLeast: 50 },
      ],
      notes: [
        `${TURNS} turns of ${forMs / 1_000} s each way at ${RATE} players/s. Matching: ${ROLES.join(", ")}.`,
        `From turn to turn the ratio was ${ratios.map((ratio) => ratio.toFixed(2)).join(", ")}: what pages cost beyond that can't be seen.`,
        `For the frames ${WAITING} tickets wait whom nobody matches, and one page draws them for ten seconds.`,
        ...system.notes(),
      ],
    };
  },
};

/** µs of CPU of all that matches, per matched player; NaN where it can't be measured. */
const costOf = (figures: Figures): number => {
  const cores = ROLES.reduce((sum, role) => sum + (figureAt(figures, `cores.${role}`) ?? Number.NaN), 0);
  const perSecond = figureAt(figures, "playersPerSecond") ?? Number.NaN;
  return (cores * 1_000_000) / perSecond;
};

/** @returns what closes them */
const openPages = (url: string): (() => Promise<void>) => {
  const stopped = new AbortController();
  const read = async () => {
    const { body } = await fetch(`${url}/monitor/stream`, { signal: stopped.signal });
    for await (const _ of body ?? []);
  };
  const pages = Array.from({ length: PAGES }, () => read().catch(() => {}));
  return async () => {
    stopped.abort();
    await Promise.all(pages);
  };
};

const measureFrames = async (context: BenchContext, system: BenchSystem): Promise<Figures> => {
  context.say(`drawing ${WAITING} players`);
  const store = await openStore({ url: system.redisUrl, partition: "main", name: "bench", clock: systemClock });
  let browser: Browser | undefined;
  try {
    await enqueueLonely(store);
    const executablePath = BROWSERS.find(existsSync);
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ["--no-sandbox"] });
    const page = await browser.newPage({ viewport: { width: 1_440, height: 900 } });
    await page.goto(system.url);
    const motes = () => page.locator(".motion canvas").getAttribute("data-motes");
    for (let waited = 0; waited < 20_000 && Number(await motes()) < WAITING * 0.9; waited += 250) {
      await sleep(250, undefined, { signal: context.signal });
    }
    const framesPerSecond = await page.evaluate(`new Promise((resolve) => {
      let frames = 0;
      const begin = performance.now();
      const count = () => {
        frames += 1;
        const ms = performance.now() - begin;
        if (ms < 10000) requestAnimationFrame(count);
        else resolve(frames / ms * 1000);
      };
      requestAnimationFrame(count);
    })`);
    return { shown: Number(await motes()), framesPerSecond: Number(framesPerSecond) };
  } finally {
    await browser?.close();
    await store.close();
  }
};

/** Tickets of trios: no two of them make a team of five. */
const enqueueLonely = async (store: Store): Promise<void> => {
  const queue = parseQueues(
    {
      queues: {
        ranked: {
          ...{ teams: { count: 2, size: 5 }, maxPartySize: 5, steps: [{ fromTry: 0 }] },
          ...{ retryEveryMs: 60_000, expireAfterMs: 600_000, matchLengthMs: 60_000, maxWaiting: 100_000 },
        },
      },
    },
    "bench",
  ).get("ranked");
  if (!queue) throw new Error("parseQueues keeps every queue");
  const tickets = Array.from({ length: WAITING }, (_, index) => ({
    id: `t_lonely-${index}`,
    request: {
      players: Array.from({ length: 3 }, (_, place) => ({
        id: `lonely-${index}-${place}`,
        elo: 700 + ((index * 7_919) % 800),
      })),
    },
  }));
  await store.enqueueTickets(queue, tickets);
};
