import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { stringify } from "yaml";
import { buildDashboard, ROWS } from "./dashboard.ts";

const promtool = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync("promtool", args, { cwd: import.meta.dirname, encoding: "utf8" });
  return { status, said: `${stdout}\n${stderr}` };
};

it("the alert rules are ones that Prometheus takes, and fire when they should", () => {
  const checked = promtool("check", "rules", "alerts.yml");
  expect(checked.status, checked.said).toBe(0);
  const tested = promtool("test", "rules", "alerts.test.yml");
  expect(tested.status, tested.said).toBe(0);
}, 30_000);

it("each panel of the dashboard asks what Prometheus can answer", () => {
  const folder = mkdtempSync(join(tmpdir(), "muster-dashboard-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const rules = ROWS.flatMap(({ panels }) => panels)
    .flatMap(({ lines }) => Object.values(lines))
    // Grafana fills this in.
    .map((expr, index) => ({ record: `panel:${index}`, expr: expr.replaceAll("$__rate_interval", "1m") }));
  expect(rules.length).toBeGreaterThan(15);
  writeFileSync(join(folder, "panels.yml"), stringify({ groups: [{ name: "panels", rules }] }));
  const checked = promtool("check", "rules", join(folder, "panels.yml"));
  expect(checked.status, checked.said).toBe(0);
}, 30_000);

it("dashboard.json is what npm run build:dashboard makes", () => {
  const kept = JSON.parse(readFileSync(new URL("dashboard.json", import.meta.url), "utf8"));
  expect(kept).toEqual(buildDashboard());
});
