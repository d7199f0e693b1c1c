import { readFile } from "node:fs/promises";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadFor } from "../support/system.ts";

/** What Prometheus is told by each service. */
let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem();
  await loadFor(system, 3_000, { queue: "duel" });
});
afterAll(() => system?.stop());

const textOf = async (url: string): Promise<{ status: number; text: string }> => {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(5_000) });
  return { status: answer.status, text: await answer.text() };
};
const services = () => system.processes.filter(({ role }) => role !== "redis" && role !== "nginx");
const metricsOf = async (role: string): Promise<string> => {
  const texts = services().flatMap((each) => (each.role === role ? [textOf(`http://127.0.0.1:${each.port}`)] : []));
  return (await Promise.all(texts)).map(({ text }) => text).join("\n");
};
/** Sum over all series of a metric. */
const sumOf = (text: string, name: string): number =>
  [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce(
    (sum, [, value]) => sum + Number(value),
    0,
  );

describe("metrics", { timeout: 60_000 }, () => {
  it("are told by every service, with its role and name, and its process' own", async () => {
    for (const { name, role, port } of services()) {
      const { status, text } = await textOf(`http://127.0.0.1:${port}`);
      expect(status).toBe(200);
      expect(text).toMatch(new RegExp(`^process_cpu_seconds_total\\{.*role="${role}".*service="${name}"`, "m"));
      expect(text).toMatch(/^nodejs_eventloop_lag_seconds/m);
    }
  });

  it("count what happened, once", async () => {
    const [orchestrators, movers, matchmakers, playservers] = await Promise.all(
      ["orchestrator", "mover", "matchmaker", "playserver"].map(metricsOf),
    );
    const enqueued = sumOf(orchestrators ?? "", "muster_tickets_enqueued_total");
    const matches = sumOf(movers ?? "", "muster_matches_committed_total");
    expect(enqueued).toBeGreaterThan(300);
    expect(matches).toBeGreaterThan(100);
    expect(2 * matches).toBeLessThanOrEqual(enqueued);
    expect(sumOf(movers ?? "", "muster_wait_seconds_count")).toBe(2 * matches);
    expect(sumOf(movers ?? "", "muster_tries_count")).toBe(2 * matches);
    expect(sumOf(movers ?? "", "muster_job_delay_seconds_count")).toBe(
      sumOf(movers ?? "", "muster_commit_seconds_count"),
    );
    expect(movers).toMatch(/^muster_job_delay_seconds_count\{[^}]*job="commit"/m);
    expect(matchmakers).toMatch(/^muster_job_delay_seconds_count\{[^}]*job="search"/m);
    expect(sumOf(movers ?? "", "muster_mover_leads")).toBe(1);
    expect(sumOf(matchmakers ?? "", "muster_proposals_total")).toBeGreaterThanOrEqual(matches);
    expect(sumOf(playservers ?? "", "muster_notification_lag_seconds_count")).toBeGreaterThan(enqueued);
    expect(orchestrators).toMatch(
      /muster_http_request_duration_seconds_count\{[^}]*method="POST",route="\/v1\/queues\/:queue\/tickets\/batch",status="200"/,
    );
    // No ids: they would make a series each.
    expect(orchestrators).not.toMatch(/route="[^"]*[tm]_[^"]*"/);
  });

  it("are all that the alert rules and the dashboard ask for, and that the docs name", async () => {
    const told = (await Promise.all(services().map(({ port }) => textOf(`http://127.0.0.1:${port}`))))
      .map(({ text }) => text)
      .join("\n");
    const asked = await Promise.all(
      ["deploy/grafana/alerts.yml", "deploy/grafana/dashboard.json", "docs/observability.md", "docs/operations.md"].map(
        (file) => readFile(new URL(`../../${file}`, import.meta.url), "utf8"),
      ),
    );
    const names = new Set(asked.join("\n").match(/\b(muster|process|nodejs)_[a-z0-9_]+/g));
    expect(names.size).toBeGreaterThan(20);
    // A system like this one has no archiver.
    const missing = [...names]
      .map((name) => name.replace(/_bucket$/, ""))
      .filter((name) => !name.startsWith("muster_archive_") && !told.includes(`# TYPE ${name} `));
    expect(missing).toEqual([]);
  });

  it("tell of the queues by the monitor, and of none to the world", async () => {
    const text = await metricsOf("monitor");
    expect(text).toMatch(/^muster_queue_depth\{queue="duel",role="monitor",service="monitor-1"\} \d+$/m);
    expect(sumOf(text, "muster_services_dead")).toBe(0);
    expect((await textOf(system.url)).status).toBe(404);
  });
});
