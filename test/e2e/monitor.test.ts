import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type RunningSystem, startSystem } from "@muster/cli";
import { RealmClient } from "@muster/client";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { processNamed } from "../support/system.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const SHOTS = fileURLToPath(new URL("../../test-results/", import.meta.url));
const ADMIN_KEY = "only-for-this-test";
const limit = { timeout: 20_000 };

let system: RunningSystem;
let browser: Browser;
let page: Page;
const faults: string[] = [];
const elsewhere: string[] = [];
beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  const env = { ...process.env, MUSTER_TESTER: "on", MUSTER_ADMIN_KEY: ADMIN_KEY };
  [system, browser] = await Promise.all([startSystem({ env }), openBrowser()]);
  page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(system.url) && !request.url().startsWith("data:")) elsewhere.push(request.url());
  });
  await page.goto(`${system.url}/#key=${ADMIN_KEY}`);
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

const textOf = (selector: string) => page.locator(selector).first().innerText();
const spawn = async (count: number, perSecond: number, name = "tester") => {
  const form = page.locator(".tester form");
  await form.locator("[name=count]").fill(String(count));
  await form.locator("[name=perSecond]").fill(String(perSecond));
  await form.locator("[name=name]").fill(name);
  await form.getByRole("button", { name: "Spawn" }).click();
};

describe("the monitor, in a browser", { timeout: 90_000 }, () => {
  it("shows every service with its health, and who leads", async () => {
    await expect.poll(() => page.locator(".service").count(), limit).toBe(10);
    await expect.poll(() => page.locator(".service.leads").count(), limit).toBe(1);
    expect(await textOf(".service.leads")).toMatch(/mover-[12][\s\S]*leads since \d\d:\d\d:\d\d/);
    expect(page.url()).not.toContain(ADMIN_KEY);
    await expect.poll(() => textOf(".health"), limit).toBe("All is well");
  });

  it("spawns clients, shows them wait, and the matches that they become", async () => {
    await spawn(200, 100);
    await expect.poll(() => page.locator(".motion canvas").getAttribute("data-motes"), limit).toMatch(/^[1-9]/);
    await expect.poll(() => page.locator(".match").count(), limit).toBeGreaterThan(10);
    await expect.poll(() => textOf('[data-queue="duel"] dl'), limit).toMatch(/wait p50\s*\d[\s\S]*conflicts\s*\d+ %/);
    expect(await textOf(".match")).toMatch(/waited \d[\s\S]*ping \d+ ms at worst/);
    await page.screenshot({ path: `${SHOTS}monitor-light.png` });
    await page.setViewportSize({ width: 2560, height: 1440 });
    await spawn(400, 100, "large");
    await expect.poll(() => textOf(".matches ol"), limit).toContain("large-");
    await page.screenshot({ path: `${SHOTS}monitor-large.png` });
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it("tells all about a player of a match, and acts for it", async () => {
    await page.locator(".match:not(.ended) .teams button").first().click();
    await expect.poll(() => textOf(".details h3"), limit).toMatch(/inmatch/);
    expect(await textOf(".details")).toMatch(/queued in duel[\s\S]*matched in m_[\s\S]*inmatch in duel/);
    await page.locator(".details .actions").getByRole("button", { name: "end" }).click();
    await expect.poll(() => textOf(".details h3"), limit).toMatch(/idle/);
    await expect.poll(() => textOf(".details"), limit).toMatch(/it ended[\s\S]*idle[\s\S]*inmatch/);
  });

  it("explains why a ticket waits", async () => {
    const realm = new RealmClient({ url: system.url });
    const ticket = await realm.enqueue("duel", { players: [{ id: "far-away", elo: 3_900 }] });
    await page.locator(".player input").fill("far-away");
    await page.locator(".player").getByRole("button", { name: "Show" }).click();
    await expect.poll(() => textOf(".details"), limit).toMatch(/Why it waits[\s\S]*accepts ± \d+ elo/);
    await page.locator(".details .actions").getByRole("button", { name: "cancel" }).click();
    await expect.poll(async () => (await realm.getTicket(ticket.id)).status, limit).toBe("cancelled");
  });

  it("keeps names with HTML in them text", async () => {
    const realm = new RealmClient({ url: system.url });
    const evil = "<img/src=x/onerror=document.title=1>";
    const refused = await realm.enqueue("duel", { players: [{ id: evil, elo: 1_000 }] }).catch((error) => error.code);
    expect(refused).toBe("INVALID");
    await page.locator(".player input").fill(evil);
    await page.locator(".player").getByRole("button", { name: "Show" }).click();
    await expect.poll(() => page.locator(".player .fault").count(), limit).toBe(1);
    await page.locator(".matches input").fill(evil);
    expect(await page.locator("img[src=x]").count()).toBe(0);
    expect(await page.title()).toBe("Muster");
    await page.locator(".matches input").fill("");
  });

  it("kills a matchmaker, marks it dead, and shows it healed", async () => {
    const before = processNamed(system, "matchmaker-1").pid;
    await page.getByRole("button", { name: "Kill matchmaker-1" }).click();
    await expect.poll(() => processNamed(system, "matchmaker-1").pid, limit).not.toBe(before);
    await expect
      .poll(() => page.locator('[data-service="matchmaker-1"]').getAttribute("class"), limit)
      .toBe("service ");
    // Long enough to be called dead.
    const orchestrator = processNamed(system, "orchestrator-2");
    orchestrator.kill("SIGSTOP");
    await expect.poll(() => page.locator(".service.dead").count(), limit).toBe(1);
    await expect.poll(() => textOf(".trouble"), limit).toContain("orchestrator-2 said nothing since");
    orchestrator.kill("SIGCONT");
    await expect.poll(() => page.locator(".service.dead").count(), limit).toBe(0);
    await expect.poll(() => textOf(".health"), limit).toBe("All is well");
  });

  it("comes back after the monitor was restarted", async () => {
    processNamed(system, "monitor-1").kill("SIGKILL");
    await expect.poll(() => page.locator(".health.lost").count(), { timeout: 20_000, interval: 20 }).toBe(1);
    await expect.poll(() => page.locator(".health.lost").count(), limit).toBe(0);
    await spawn(20, 20, "after");
    await expect.poll(() => textOf(".matches ol"), limit).toContain("after-");
  });

  it("does nothing without the admin key", async () => {
    const post = (key: string, body: unknown) =>
      fetch(`${system.url}/monitor/tester`, {
        method: "POST",
        headers: { "x-muster-admin-key": key },
        body: JSON.stringify(body),
      });
    expect((await post("", { action: "kill", service: "mover-1" })).status).toBe(401);
    expect((await post(`${ADMIN_KEY}x`, { action: "kill", service: "mover-1" })).status).toBe(401);
    const faulty = await post(ADMIN_KEY, { action: "spawn", queue: "duel", count: 1e9, perSecond: 1, partySize: 1 });
    const { detail } = (await faulty.json()) as { detail: string };
    expect([faulty.status, detail]).toEqual([400, expect.stringContaining("count up to 5000")]);
    expect((await post(ADMIN_KEY, { action: "kill", service: "nginx" })).status).toBe(400);
  });

  it("asks nobody elsewhere, has no serious fault of accessibility, and a dark theme", async () => {
    for (const theme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: theme });
      const found = await violationsOf(page);
      expect(found.map(({ id, nodes }) => `${theme} ${id}: ${nodes}`)).toEqual([]);
      await page.screenshot({ path: `${SHOTS}monitor-${theme}.png` });
    }
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });
});

/** Its own policy lets no script of ours in, so axe runs in a world of its own. */
const violationsOf = async (target: Page): Promise<{ id: string; nodes: string }[]> => {
  const context = await browser.newContext({ bypassCSP: true, colorScheme: "light" });
  try {
    const other = await context.newPage();
    await other.emulateMedia({
      colorScheme: (await target.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")) ? "dark" : "light",
    });
    await other.goto(target.url());
    await expect.poll(() => other.locator(".service").count(), limit).toBeGreaterThan(0);
    await other.addScriptTag({ path: AXE });
    const result = (await other.evaluate("axe.run()")) as {
      violations: { id: string; impact: string; nodes: { html: string }[] }[];
    };
    return result.violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => ({
        id,
        nodes: nodes
          .map(({ html }) => html)
          .join(" ")
          .slice(0, 300),
      }));
  } finally {
    await context.close();
  }
};
