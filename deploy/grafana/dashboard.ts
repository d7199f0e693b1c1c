/** The Grafana dashboard as a list of panels; `npm run build:dashboard` writes dashboard.json from it. */

interface Panel {
  title: string;
  /** What a reader should make of it. */
  description: string;
  /** As Grafana names them. */
  unit: "short" | "s" | "percentunit" | "ops" | "bytes";
  type?: "stat";
  /** PromQL by the name of its line. */
  lines: Record<string, string>;
}

const quantile = (share: number, metric: string, by = "le") =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${metric}_bucket[$__rate_interval])))`;
const rate = (metric: string, by = "") => `sum${by && ` by (${by})`} (rate(${metric}[$__rate_interval]))`;

/** The questions of an operator, the most urgent first. */
export const ROWS: { title: string; panels: Panel[] }[] = [
  {
    title: "Is all well?",
    panels: [
      {
        ...{ title: "Movers that lead", unit: "short", type: "stat" },
        description: "Must be 1. A fail-over takes some two seconds.",
        lines: { leading: "min(sum by (partition) (muster_mover_leads))" },
      },
      {
        ...{ title: "Services that fell silent", unit: "short", type: "stat" },
        description: "As the monitor sees them.",
        lines: { dead: "max(muster_services_dead)" },
      },
      {
        ...{ title: "Faults that the monitor sees", unit: "short", type: "stat" },
        description: "Its page says which, and what to do.",
        lines: { faults: 'max(muster_trouble{level="fault"})' },
      },
      {
        ...{ title: "Waiting tickets", unit: "short", type: "stat" },
        description: "In all queues.",
        lines: { waiting: "sum(muster_queue_depth)" },
      },
    ],
  },
  {
    title: "What players notice",
    panels: [
      {
        ...{ title: "Wait until a match, p90", unit: "s" },
        description: "Of tickets that were matched, by queue.",
        lines: { "{{queue}}": quantile(0.9, "muster_wait_seconds", "le, queue") },
      },
      {
        ...{ title: "Waiting tickets", unit: "short" },
        description: "A queue that only grows finds no matches: look at its criteria with muster explain.",
        lines: { "{{queue}}": "max by (queue) (muster_queue_depth)" },
      },
      {
        ...{ title: "Tickets", unit: "ops" },
        description: "Put into queues and refused, per second.",
        lines: {
          enqueued: rate("muster_tickets_enqueued_total"),
          refused: rate("muster_tickets_refused_total"),
          "handed out again": rate("muster_tickets_swept_total"),
        },
      },
    ],
  },
  {
    title: "How far criteria have to go",
    panels: [
      {
        ...{ title: "Mean elo gap", unit: "short" },
        description: "Between the sides of a match.",
        lines: { "{{queue}}": "max by (queue) (muster_queue_elo_gap)" },
      },
      {
        ...{ title: "Tries until a match, p90", unit: "short" },
        description: "Criteria widen with each: where they are many, few fit.",
        lines: { "{{queue}}": quantile(0.9, "muster_tries", "le, queue") },
      },
    ],
  },
  {
    title: "Where time goes",
    panels: [
      {
        ...{ title: "Calls, p99", unit: "s" },
        description: "From a call to its answer, by route.",
        lines: { "{{method}} {{route}}": quantile(0.99, "muster_http_request_duration_seconds", "le, method, route") },
      },
      {
        ...{ title: "Delay of the first search", unit: "s" },
        description: "Above MUSTER_MAX_DELAY_MS new tickets are refused.",
        lines: { "{{service}}": "max by (service) (muster_search_delay_seconds)" },
      },
      {
        ...{ title: "Stages, p99", unit: "s" },
        description: "A job's wait for who takes it, a search, a commit, and from a change to its being told.",
        lines: {
          "wait of {{job}}": quantile(0.99, "muster_job_delay_seconds", "le, job"),
          search: quantile(0.99, "muster_search_seconds"),
          commit: quantile(0.99, "muster_commit_seconds"),
          told: quantile(0.99, "muster_notification_lag_seconds"),
        },
      },
      {
        ...{ title: "Conflicts, share of proposals", unit: "percentunit" },
        description: "Above 5 % for long: tickets change as fast as they are matched, or a mover is far behind.",
        lines: {
          "{{queue}}": `${rate("muster_conflicts_total", "queue")} / on () group_left () (${rate("muster_conflicts_total")} + ${rate("muster_matches_committed_total")})`,
        },
      },
    ],
  },
  {
    title: "Machines",
    panels: [
      {
        ...{ title: "CPU", unit: "short" },
        description: "Cores that each service uses. One at 1 is full: a process works in one thread.",
        lines: { "{{service}}": "sum by (service) (rate(process_cpu_seconds_total[$__rate_interval]))" },
      },
      {
        ...{ title: "Memory", unit: "bytes" },
        description: "In RAM, by service.",
        lines: { "{{service}}": "max by (service) (process_resident_memory_bytes)" },
      },
      {
        ...{ title: "Event loop, p99", unit: "s" },
        description: "How late timers are: high where a process has too much to do at once.",
        lines: { "{{service}}": "max by (service) (nodejs_eventloop_lag_p99_seconds)" },
      },
      {
        ...{ title: "Watched players", unit: "short" },
        description: "By playserver; a fall is a realm that was lost.",
        lines: { "{{service}}": "max by (service) (muster_players_watched)" },
      },
    ],
  },
];

const COLUMNS = 24;
const [STAT_HEIGHT, GRAPH_HEIGHT] = [4, 8];

/** Grafana's model: https://grafana.com/docs/grafana/latest/visualizations/dashboards/build-dashboards/view-dashboard-json-model/ */
export const buildDashboard = (): unknown => {
  const panels: unknown[] = [];
  let y = 0;
  for (const row of ROWS) {
    panels.push({ id: panels.length + 1, type: "row", title: row.title, gridPos: { x: 0, y, w: COLUMNS, h: 1 } });
    y += 1;
    const w = COLUMNS / row.panels.length;
    const h = row.panels.every(({ type }) => type === "stat") ? STAT_HEIGHT : GRAPH_HEIGHT;
    row.panels.forEach((panel, index) => {
      panels.push(toPanel(panel, panels.length + 1, { x: index * w, y, w, h }));
    });
    y += h;
  }
  return {
    uid: "muster",
    title: "Muster",
    tags: ["muster"],
    schemaVersion: 39,
    refresh: "10s",
    time: { from: "now-30m", to: "now" },
    templating: {
      list: [{ name: "datasource", type: "datasource", query: "prometheus", label: "Prometheus" }],
    },
    panels,
  };
};

const toPanel = ({ title, description, unit, type, lines }: Panel, id: number, gridPos: object) => ({
  ...{ id, title, description, gridPos },
  type: type ?? "timeseries",
  datasource: { type: "prometheus", uid: "$datasource" },
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  options: type === "stat" ? { reduceOptions: { calcs: ["lastNotNull"] } } : { legend: { showLegend: true } },
  targets: Object.entries(lines).map(([legendFormat, expr], index) => ({
    refId: String.fromCharCode("A".charCodeAt(0) + index),
    ...{ expr, legendFormat },
  })),
});
