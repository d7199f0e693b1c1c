import type { HistoryPoint, QueueView } from "@muster/monitor/frames";
import { useState } from "preact/hooks";
import { number, percent, seconds } from "../words.ts";
import { Chart, VIEWS, type ViewName } from "./chart.tsx";

interface Props {
  queues: readonly QueueView[];
  history: Readonly<Record<string, readonly HistoryPoint[]>>;
}

const VIEW_NAMES = Object.keys(VIEWS) as ViewName[];

export const Queues = ({ queues, history }: Props) => {
  const [view, show] = useState<ViewName>("depth");
  return (
    <section class="queues" aria-label="Queues">
      <h2>
        Queues
        <fieldset class="views" aria-label="Charts show">
          {VIEW_NAMES.map((name) => (
            <label key={name}>
              <input type="radio" name="view" checked={name === view} onChange={() => show(name)} /> {name}
            </label>
          ))}
        </fieldset>
      </h2>
      <div class="cards">
        {queues.map((queue) => (
          <article key={queue.name} class="card" data-queue={queue.name}>
            <h3>
              {queue.title} {queue.title !== queue.name && <small>{queue.name}</small>}
            </h3>
            <dl>
              <Figure label="waiting" value={number(queue.depth)} />
              <Figure label="arrivals/s" value={number(queue.perSecond.arrivals, 1)} />
              <Figure label="matches/s" value={number(queue.perSecond.matches, 1)} />
              <Figure label="wait p50" value={seconds(queue.waitMs?.p50)} />
              <Figure label="p90" value={seconds(queue.waitMs?.p90)} />
              <Figure label="p99" value={seconds(queue.waitMs?.p99)} />
              {queue.hasElo && <Figure label="elo gap" value={number(queue.eloGap, 1)} />}
              {queue.hasElo && (
                <Figure label="conflicts" value={queue.conflictShare === null ? "–" : percent(queue.conflictShare)} />
              )}
              <Figure label="cancelled" value={number(queue.cancelled)} />
              <Figure label="expired" value={number(queue.expired)} />
            </dl>
            {queue.hasElo && <Tries counts={queue.tries} />}
            <Chart key={view} name={queue.name} view={view} points={history[queue.name] ?? []} />
          </article>
        ))}
      </div>
    </section>
  );
};

const Figure = ({ label, value }: { label: string; value: string }) => (
  <div>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
);

const BINS = ["0", "1", "2–3", "4–7", "8–15", "16+"];

/** How often those who wait can have been searched for. */
const Tries = ({ counts }: { counts: readonly number[] }) => {
  const most = Math.max(1, ...counts);
  return (
    <figure>
      <svg
        class="tries"
        viewBox="0 0 300 34"
        role="img"
        aria-label={`Tries so far, by the time waited: ${BINS.map((bin, index) => `${bin}: ${counts[index] ?? 0}`).join(", ")}`}
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
      <figcaption>tries of those who wait, by the time each has waited</figcaption>
    </figure>
  );
};
