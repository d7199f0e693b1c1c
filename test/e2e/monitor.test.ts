import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type RunningSystem, startSystem } from "@muster/cli";
import { RealmClient } from "@muster/client";
import type { Snapshot } from "@muster/monitor/frames";
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
  noteFaults(page);
  page.on("request", (request) => {
    if (!request.url().startsWith(system.url) && !request.url().startsWith("data:")) elsewhere.push(request.url());
  });
  await page.goto(`${system.url}/#key=${ADMIN_KEY}`);
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** Whatever the page should not have done. That an answer was an error, as while the monitor is down, is no fault of its. */
const noteFaults = (of: Page) => {
  of.on("pageerror", (error) => faults.push(String(error)));
  of.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !/^Failed to load resource|net::ERR_/.test(text)) faults.push(text);
  });
};
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
    await expect.poll(() => textOf(".details"), limit).toMatch(/the match ended[\s\S]*idle[\s\S]*inmatch/);
  });

  it("explains why a ticket waits", async () => {
    const realm = new RealmClient({ url: system.url });
    const ticket = await realm.enqueue("duel", { players: [{ id: "far-away", elo: 3_900 }] });
    await page.locator(".player input").fill("far-away");
    await page.locator(".player").getByRole("button", { name: "Show" }).click();
    await expect.poll(() => textOf(".details"), limit).toMatch(/Why it waits[\s\S]*accepts now\s*elo ± \d+/);
    await page.locator(".details .actions").getByRole("button", { name: "cancel" }).click();
    await expect.poll(async () => (await realm.getTicket(ticket.id)).status, limit).toBe("cancelled");
  });

  it("shows a ticket whose point is clicked, with its history", async () => {
    const realm = new RealmClient({ url: system.url });
    const ticket = await realm.enqueue("duel", { players: [{ id: "lonely", elo: 3_500 }] });
    await page.locator(".motion canvas").scrollIntoViewIfNeeded();
    const find = async () => {
      // As the browser is told of the pointer, which would take long to move over all of it.
      const found = (await page.evaluate(FIND_POINT)) as { x: number; y: number } | null;
      if (found) await page.mouse.click(found.x, found.y);
      return found !== null && (await page.locator(".details h3").allInnerTexts()).join().includes("lonely");
    };
    await expect.poll(find, { timeout: 80_000 }).toBe(true);
    await expect.poll(() => textOf(".details h3"), limit).toContain("lonely");
    await expect.poll(() => textOf(".details .timeline"), limit).toMatch(/\d\d:\d\d:\d\d queued in duel/);
    expect(await realm.cancelTicket(ticket.id)).toEqual({ outcome: "cancelled" });
    await expect.poll(() => textOf(".details .timeline"), limit).toMatch(/cancelled/);
  });

  it("stops a run of the tester, acts for many of it, and says what was refused", async () => {
    const form = page.locator(".tester form");
    await form.locator("select[name=queue]").selectOption("team");
    await spawn(5_000, 20, "many");
    const run = page.locator(".runs li").first();
    await expect.poll(() => run.innerText(), limit).toMatch(/team[\s\S]*[1-9]\d* of 5,000 tickets in/);
    await run.getByRole("button", { name: /^Stop/ }).click();
    await expect.poll(() => run.getByRole("button", { name: /^Stop/ }).count(), limit).toBe(0);
    await run.getByRole("button", { name: /^disconnect many/ }).click();
    await expect.poll(() => run.innerText(), limit).toMatch(/disconnect: \d+ of \d+/);
    await run.getByRole("button", { name: /^cancel many/ }).click();
    await expect.poll(() => run.innerText(), limit).toMatch(/cancel: \d+ of \d+/);
    await form.locator("select[name=queue]").selectOption("duel");
    expect(await form.locator("select[name=queue] option").allInnerTexts()).not.toContain("instant");
  });

  it("finds an older match by its id, and charts what is chosen", async () => {
    const snapshot = (await (await fetch(`${system.url}/monitor/snapshot`)).json()) as Snapshot;
    const [match] = snapshot.matches;
    await page.route("**/v1/matches/m_older", async (route) => {
      const response = await fetch(`${system.url}/v1/matches/${match?.id}`);
      await route.fulfill({ json: { ...((await response.json()) as object), id: "m_older" } });
    });
    await page.locator(".matches input").fill("m_older");
    await expect.poll(() => page.locator(".match").count(), limit).toBe(1);
    expect(await page.locator(".match").getAttribute("data-match")).toBe("m_older");
    await page.locator(".matches input").fill("");
    await page.getByRole("radio", { name: "waits" }).check();
    await expect.poll(() => textOf('[data-queue="duel"] figure:last-of-type'), limit).toMatch(/p50[\s\S]*p99/);
    await page.getByRole("radio", { name: "depth" }).check();
  });

  it("leaves what is typed alone while frames come", async () => {
    const count = page.locator(".tester [name=count]");
    await count.fill("321");
    const depth = () => textOf('[data-queue="hunt"] dl');
    const before = await depth();
    const realm = new RealmClient({ url: system.url });
    const ticket = await realm.enqueue("hunt", { players: [{ id: "typed", elo: 3_700 }] });
    await expect.poll(depth, limit).not.toBe(before);
    expect(await count.inputValue()).toBe("321");
    await realm.cancelTicket(ticket.id);
  });

  it("can be used by keyboard alone", async () => {
    await page.locator(".player input").focus();
    await page.keyboard.type("lonely");
    await page.keyboard.press("Enter");
    await expect.poll(() => textOf(".details h3"), limit).toContain("lonely");
    const reached = new Set<string>();
    for (let n = 0; n < 60; n++) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate("document.activeElement?.closest('section')?.className ?? 'header'"));
    }
    expect([...reached]).toEqual(expect.arrayContaining(["tester", "matches"]));
    await page.locator("header button").focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("light");
    for (let n = 0; n < 2; n++) await page.keyboard.press("Enter");
    expect(await textOf("header nav button")).toBe("Theme: auto");
  });

  it("keeps whatever it is told text, wherever it comes from", async () => {
    const evil = "<img src=x onerror=document.title=1>";
    const real = await (await fetch(`${system.url}/monitor/snapshot`)).text();
    const hostile = JSON.parse(real, (key, value) =>
      typeof value === "string" && key !== "kind" ? `${value}${evil}` : value,
    ) as Snapshot;
    hostile.trouble.push({ what: evil, todo: evil, level: "fault" });
    hostile.runs.push({
      ...{ id: evil, queue: evil, wanted: 1, sent: 1, accepted: 0, refused: 1, isGoing: false },
      ...{ refusal: evil, said: evil },
    });
    expect([hostile.matches.length, hostile.services.length]).not.toContain(0);
    const other = await browser.newPage();
    noteFaults(other);
    await other.route("**/monitor/stream", (route) =>
      route.fulfill({ contentType: "text/event-stream", body: `data: ${JSON.stringify(hostile)}\n\n` }),
    );
    await other.goto(system.url);
    for (const part of [".service h4", ".match", ".trouble", ".card h3", ".runs li"]) {
      await expect.poll(() => other.locator(part).last().innerText(), limit).toContain(evil);
    }
    expect(await other.locator("main img").count()).toBe(0);
    expect(await other.title()).toBe("Muster");
    await other.close();
    expect(faults).toEqual([]);
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
    const lookOf = (name: string) => page.locator(`[data-service="${name}"]`).getAttribute("class");
    await expect.poll(() => lookOf("matchmaker-1"), { timeout: 20_000, interval: 20 }).toBe("service dead");
    await expect.poll(() => processNamed(system, "matchmaker-1").pid, limit).not.toBe(before);
    await expect.poll(() => lookOf("matchmaker-1"), limit).toBe("service ");
    const second = processNamed(system, "matchmaker-2").pid;
    await page.getByRole("button", { name: "Restart matchmaker-2" }).click();
    await expect.poll(() => processNamed(system, "matchmaker-2").pid, limit).not.toBe(second);
    await expect.poll(() => lookOf("matchmaker-2"), limit).toBe("service ");
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
    // So long that the browser gives up: nginx answers 503 meanwhile.
    const until = Date.now() + 7_000;
    let refused = 0;
    while (Date.now() < until) {
      processNamed(system, "monitor-1").kill("SIGKILL");
      if ((await fetch(`${system.url}/monitor/snapshot`)).status === 503) refused += 1;
    }
    expect(refused).toBeGreaterThan(0);
    await expect.poll(() => page.locator(".health.lost").count(), { timeout: 40_000 }).toBe(0);
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

/** Where the pointer meets the point of elo 3,500, or null. A point is found within 12 pixels. */
const FIND_POINT = `(async () => {
  const canvas = document.querySelector(".motion canvas");
  const { left, top, width, height } = canvas.getBoundingClientRect();
  for (let x = left + 50; x < left + width - 260; x += 16) {
    for (let y = top + 8; y < top + height; y += 16) {
      canvas.dispatchEvent(new MouseEvent("mousemove", { clientX: x, clientY: y, bubbles: true }));
      await new Promise((resolve) => setTimeout(resolve));
      if (document.querySelector(".motion .hint").textContent.includes("elo 3,500")) return { x, y };
    }
  }
  return null;
})()`;

/** Its own policy lets no script of ours in, so axe runs in a world of its own. */
const violationsOf = async (target: Page): Promise<{ id: string; nodes: string }[]> => {
  const context = await browser.newContext({ bypassCSP: true, colorScheme: "light" });
  try {
    const other = await context.newPage();
    await other.emulateMedia({
      colorScheme: (await target.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")) ? "dark" : "light",
    });
    const snapshot = (await (await fetch(`${system.url}/monitor/snapshot`)).json()) as Snapshot;
    for (const level of ["warning", "fault"] as const) {
      snapshot.trouble.push({ what: `A ${level}`, todo: "Look at it.", level });
    }
    await other.route("**/monitor/stream", (route) =>
      route.fulfill({ contentType: "text/event-stream", body: `data: ${JSON.stringify(snapshot)}\n\n` }),
    );
    await other.goto(target.url());
    await expect.poll(() => other.locator(".service").count(), limit).toBeGreaterThan(0);
    await other.locator(".player input").fill(snapshot.matches[0]?.teams[0]?.players[0]?.id ?? "");
    await other.locator(".player").getByRole("button", { name: "Show" }).click();
    await expect.poll(() => other.locator(".details").count(), limit).toBe(1);
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
