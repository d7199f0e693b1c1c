import type { HistoryPoint, QueueView } from "@muster/monitor/frames";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { number, percent, seconds } from "../words.ts";

interface Props {
  queues: readonly QueueView[];
  history: Readonly<Record<string, readonly HistoryPoint[]>>;
}

export const Queues = ({ queues, history }: Props) => (
  <section class="queues" aria-label="Queues">
    <h2>Queues</h2>
    <div class="cards">
      {queues.map((queue) => (
        <article key={queue.name} class="card" data-queue={queue.name}>
          <h3>
            {queue.title} <small>{queue.name}</small>
          </h3>
          <dl>
            <Figure label="waiting" value={number(queue.depth)} />
            <Figure label="arrivals/s" value={number(queue.perSecond.arrivals, 1)} />
            <Figure label="matches/s" value={number(queue.perSecond.matches, 1)} />
            <Figure label="wait p50" value={seconds(queue.waitMs?.p50)} />
            <Figure label="p90" value={seconds(queue.waitMs?.p90)} />
            <Figure label="p99" value={seconds(queue.waitMs?.p99)} />
            <Figure label="elo gap" value={number(queue.eloGap, 1)} />
            <Figure label="conflicts" value={queue.conflictShare === null ? "–" : percent(queue.conflictShare)} />
            <Figure label="cancelled" value={number(queue.cancelled)} />
            <Figure label="expired" value={number(queue.expired)} />
          </dl>
          <Tries counts={queue.tries} />
          <Chart name={queue.name} points={history[queue.name] ?? []} />
        </article>
      ))}
    </div>
  </section>
);

const Figure = ({ label, value }: { label: string; value: string }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
);

const BINS = ["0", "1", "2–3", "4–7", "8–15", "16+"];

/** How often those who wait have been searched for. */
const Tries = ({ counts }: { counts: readonly number[] }) => {
  const most = Math.max(1, ...counts);
  return (
    <svg
      class="tries"
      viewBox="0 0 300 34"
      role="img"
      aria-label={`Tries so far: ${BINS.map((bin, index) => `${bin}: ${counts[index] ?? 0}`).join(", ")}`}
    >
      {BINS.map((bin, index) => {
        const height = ((counts[index] ?? 0) / most) * 18;
        return (
          <g key={bin}>
            <rect x={index * 50 + 2} y={20 - height} width="46" height={height} />
            <text x={index * 50 + 25} y="32">
              {bin}
            </text>
          </g>
        );
      })}
    </svg>
  );
};

const HEIGHT = 90;

/** Depth, and matches in each five seconds, over the last quarter of an hour. */
const Chart = ({ name, points }: { name: string; points: readonly HistoryPoint[] }) => {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const style = getComputedStyle(document.documentElement);
    const colour = (variable: string) => style.getPropertyValue(`--${variable}`).trim();
    const axis = {
      stroke: colour("soft"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
      font: "10px system-ui",
    };
    const plot = new uPlot(
      {
        ...{ width: element.clientWidth || 300, height: HEIGHT, legend: { show: false }, cursor: { show: false } },
        scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(1, most)] } },
        axes: [
          { ...axis, size: 18, space: 70 },
          { ...axis, size: 32, space: 28 },
        ],
        series: [
          {},
          { stroke: colour("waiting"), width: 1.5, fill: colour("range"), points: { show: false } },
          { stroke: colour("matched"), width: 1.5, points: { show: false } },
        ],
      },
      [[], [], []],
      element,
    );
    chart.current = plot;
    const watcher = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
  }, []);
  const newest = points.at(-1);
  useEffect(() => {
    chart.current?.setData([
      points.map(({ at }) => at / 1_000),
      points.map(({ depth }) => depth),
      points.map(({ matches }) => matches),
    ]);
  }, [points.length, newest?.at, newest?.depth, newest?.matches]);
  return (
    <figure>
      <div ref={holder} class="chart" />
      <figcaption>
        <i class="waiting" /> waiting in {name} <i class="matched" /> matches in 5 s
      </figcaption>
    </figure>
  );
};
