import type { HistoryPoint } from "@muster/monitor/frames";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

const HEIGHT = 90;

/** A line of a chart. */
interface Line {
  label: string;
  /** Of the theme, by name. */
  colour: "waiting" | "matched" | "expired" | "cancelled";
  value: (point: HistoryPoint) => number | null;
}

const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

/** What a chart can show, of each five seconds of the last quarter of an hour. */
export const VIEWS = {
  depth: [
    { label: "waiting", colour: "waiting", value: ({ depth }) => depth },
    { label: "matches in 5 s", colour: "matched", value: ({ matches }) => matches },
  ],
  arrivals: [
    { label: "arrivals in 5 s", colour: "waiting", value: ({ arrivals }) => arrivals },
    { label: "matches in 5 s", colour: "matched", value: ({ matches }) => matches },
  ],
  waits: [
    { label: "p50, s", colour: "matched", value: ({ waitP50Ms }) => inSeconds(waitP50Ms) },
    { label: "p90, s", colour: "waiting", value: ({ waitP90Ms }) => inSeconds(waitP90Ms) },
    { label: "p99, s", colour: "expired", value: ({ waitP99Ms }) => inSeconds(waitP99Ms) },
  ],
  "elo gap": [{ label: "mean of 200 matches", colour: "waiting", value: ({ eloGap }) => eloGap }],
  "lost work": [
    { label: "conflicts in 5 s", colour: "waiting", value: ({ conflicts }) => conflicts },
    { label: "cancelled", colour: "cancelled", value: ({ cancelled }) => cancelled },
    { label: "expired", colour: "expired", value: ({ expired }) => expired },
  ],
} as const satisfies Record<string, readonly Line[]>;
export type ViewName = keyof typeof VIEWS;

interface Props {
  name: string;
  view: ViewName;
  points: readonly HistoryPoint[];
}

/** A queue's history. To be made anew for another view: by its key. */
export const Chart = ({ name, view, points }: Props) => {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | undefined>(undefined);
  const lines: readonly Line[] = VIEWS[view];
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
          ...lines.map((line, index) => ({
            ...{ stroke: colour(line.colour), width: 1.5, points: { show: false } },
            ...(index === 0 && { fill: colour("range") }),
          })),
        ],
      },
      [[], ...lines.map(() => [])],
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
  useEffect(() => {
    chart.current?.setData([points.map(({ at }) => at / 1_000), ...lines.map(({ value }) => points.map(value))]);
  }, [points]);
  return (
    <figure>
      <div ref={holder} class="chart" role="img" aria-label={`${name}: ${view}, the last quarter of an hour`} />
      <figcaption>
        {lines.map(({ label, colour }) => (
          <span key={label}>
            <i class={colour} /> {label}
          </span>
        ))}
      </figcaption>
    </figure>
  );
};
