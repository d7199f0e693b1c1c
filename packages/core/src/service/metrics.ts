import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** A value that a service keeps anyway; it is read when somebody asks for the metrics, and costs nothing before. */
export interface Measure {
  /** As Prometheus wants it: `muster_tickets_enqueued_total`. */
  name: string;
  help: string;
  type: "counter" | "gauge";
  /** One value, or one for each value of the label. */
  read(): number | ReadonlyMap<string, number>;
  /** Name of the label, for a measure with many values. */
  label?: string;
}

/** Counts what is observed into buckets. */
export interface Distribution {
  /** @param labels their values, in the order of the names */
  observe(value: number, ...labels: string[]): void;
}

export interface Metrics {
  readonly contentType: string;
  /** In Prometheus' text format. */
  text(): Promise<string>;
  measure(...measures: readonly Measure[]): void;
  /** @param labels their names; of few values each, none of them an id */
  distribution(options: {
    name: string;
    help: string;
    buckets: readonly number[];
    labels?: readonly string[];
  }): Distribution;
}

/** The metrics of one service: its process' own (CPU, memory, event loop, garbage collection), and what it adds. */
export const createMetrics = (role: string, name: string): Metrics => {
  const registry = new Registry();
  registry.setDefaultLabels({ role, service: name });
  collectDefaultMetrics({ register: registry });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    measure: (...measures) => {
      for (const measure of measures) addMeasure(registry, measure);
    },
    distribution: ({ name, help, buckets, labels = [] }) => {
      const options = { name, help, buckets: [...buckets], labelNames: [...labels], registers: [registry] };
      const histogram = new Histogram(options);
      return { observe: (value, ...values) => histogram.labels(...values).observe(value) };
    },
  };
};

/** How long jobs wait for a worker: of searches and commits alike. */
export const jobDelaySeconds = (metrics: Metrics): Distribution =>
  metrics.distribution({
    ...{ name: "muster_job_delay_seconds", help: "From a job's being queued to its being taken, by kind of job." },
    ...{ labels: ["job"], buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] },
  });

const addMeasure = (registry: Registry, { name, help, type, label, read }: Measure): void => {
  const options = { name, help, labelNames: label === undefined ? [] : [label], registers: [registry] };
  const write = (set: (of: Record<string, string>, value: number) => void) => {
    const value = read();
    if (typeof value === "number") set({}, value);
    else for (const [of, each] of value) set({ [label ?? ""]: of }, each);
  };
  if (type === "gauge") {
    new Gauge({
      ...options,
      collect() {
        this.reset();
        write((of, value) => this.set(of, value));
      },
    });
    return;
  }
  new Counter({
    ...options,
    collect() {
      // Counted elsewhere since the start of the process: told as it is.
      this.reset();
      write((of, value) => this.inc(of, value));
    },
  });
};
