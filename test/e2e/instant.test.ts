import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type RunningSystem, startSystem } from "@muster/cli";
import { InstantClient, type InstantClientOptions, RealmClient } from "@muster/client";
import type { InstantSession, UserProfile } from "@muster/core";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { inconsistenciesOf, processNamed } from "../support/system.ts";

/** Instant matching through the whole system: nginx, two playservers, a sweeper, and in the end two tabs of a browser. */
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const SERVE = fileURLToPath(new URL("../../examples/instant-match/serve.mjs", import.meta.url));

let system: RunningSystem;
let realm: RealmClient;
beforeAll(async () => {
  system = await startSystem();
  realm = new RealmClient({ url: system.url });
});
afterAll(() => system?.stop());

const limit = { timeout: 15_000 };
const anybody: UserProfile = { user_data: { style: "casual" }, user_preferences: {} };
const speaking = (language: string): UserProfile => ({
  user_data: { languages: [language] },
  user_preferences: { languages: { anyOf: [language] } },
});

/** A user's app. */
const open = async (user: string, options: Partial<InstantClientOptions> = {}) => {
  const client = new InstantClient({ url: system.url, user, ...options });
  const sessions: InstantSession[] = [];
  const told: string[] = [];
  client.on("session", (session) => sessions.push(session));
  client.on("ended", ({ session }) => told.push(`ended ${session}`));
  client.on("over", ({ status }) => told.push(status));
  client.on("againAsked", ({ session }) => told.push(`again ${session}`));
  await client.connect();
  onTestFinished(() => client.close());
  return { client, sessions, told };
};

describe("instant matching", { timeout: 60_000 }, () => {
  it("puts together two who fit, leaves out who doesn't, and is a match for realms", async () => {
    const [ann, bob, cat] = [await open("ann"), await open("bob"), await open("cat")];
    await cat.client.request(speaking("ja"));
    await ann.client.request(speaking("de"));
    await bob.client.request(speaking("de"));
    await expect.poll(() => [ann.sessions.length, bob.sessions.length], limit).toEqual([1, 1]);
    const session = ann.sessions[0]?.session ?? "";
    expect(ann.sessions[0]).toMatchObject({ secret: bob.sessions[0]?.secret, partner: { user_id: "bob" } });
    expect(await realm.getMatch(session)).toMatchObject({ id: session, queue: "instant", state: "live" });
    expect(await realm.getPlayer("ann")).toMatchObject({ state: "inmatch", queue: "instant", match: session });
    expect(await realm.getPlayer("cat")).toMatchObject({ state: "inqueue", queue: "instant" });
    await realm.endMatch(session);
    await expect.poll(() => [ann.told, bob.told], limit).toEqual([[`ended ${session}`], [`ended ${session}`]]);
    await ann.client.again();
    await expect.poll(() => bob.told, limit).toContain(`again ${session}`);
    await bob.client.again();
    await expect.poll(() => [ann.sessions.length, bob.sessions.length], limit).toEqual([2, 2]);
    await bob.client.rematch();
    await expect.poll(() => ann.told.length, limit).toBe(2);
    await cat.client.close();
    await expect.poll(async () => (await realm.getPlayer("cat")).state, limit).toBe("idle");
    await bob.client.close();
    await expect.poll(async () => (await realm.getPlayer("bob")).state, limit).toBe("idle");
    expect(await inconsistenciesOf(system)).toEqual([]);
  });

  it("is no way around the queues, nor they around it", async () => {
    const dan = await open("dan");
    await realm.enqueue("duel", { players: [{ id: "dan", elo: 100 }] });
    await expect(dan.client.request(anybody)).rejects.toMatchObject({ code: "PLAYER_BUSY" });
    const eve = await open("eve");
    const { ticket } = await eve.client.request(speaking("fr"));
    await expect(realm.enqueue("duel", { players: [{ id: "eve", elo: 100 }] })).rejects.toMatchObject({ status: 409 });
    await expect(realm.enqueue("instant", { players: [{ id: "fay", elo: 100 }] })).rejects.toMatchObject({
      status: 400,
    });
    expect(await realm.getTicket(ticket)).toMatchObject({ queue: "instant", status: "queued" });
    expect(await realm.cancelTicket(ticket)).toEqual({ outcome: "cancelled" });
    await expect.poll(() => eve.told, limit).toEqual(["CANCELLED"]);
  });

  it("outlives a playserver: whoever waited there waits again, and finds somebody", async () => {
    const [gus, hal] = [await open("gus"), await open("hal")];
    await gus.client.request(speaking("ko"));
    const processes = ["playserver-1", "playserver-2"].map((name) => processNamed(system, name));
    for (const process of processes) process.kill("SIGKILL");
    await system.ready();
    await expect
      .poll(
        () =>
          hal.client.request(speaking("ko")).then(
            () => true,
            () => false,
          ),
        limit,
      )
      .toBe(true);
    await expect.poll(() => [gus.sessions.length, hal.sessions.length], { timeout: 30_000 }).toEqual([1, 1]);
    await realm.endMatch(gus.sessions[0]?.session ?? "");
    expect(await inconsistenciesOf(system)).toEqual([]);
  });
});

it("a session outlives its playservers: both go on in it, and are told of its end", { timeout: 60_000 }, async () => {
  const [ivy, jon] = [await open("ivy"), await open("jon")];
  await ivy.client.request(speaking("pt"));
  await jon.client.request(speaking("pt"));
  await expect.poll(() => [ivy.sessions.length, jon.sessions.length], limit).toEqual([1, 1]);
  const session = ivy.sessions[0]?.session ?? "";
  /** @returns what resolves once both are connected again */
  const restart = () => {
    const opened = [ivy, jon].map(
      ({ client }) => new Promise<void>((resolve) => void client.on("open", () => resolve())),
    );
    for (const name of ["playserver-1", "playserver-2"]) processNamed(system, name).kill("SIGKILL");
    return Promise.all(opened);
  };
  await restart();
  expect((await realm.getMatch(session)).state).toBe("live");
  const back = restart();
  // While nobody is connected.
  await realm.endMatch(session);
  await back;
  await expect.poll(() => [ivy.told, jon.told], limit).toEqual([[`ended ${session}`], [`ended ${session}`]]);
  expect([ivy.sessions.length, jon.sessions.length]).toEqual([1, 1]);
  await ivy.client.again();
  await expect.poll(() => jon.told, limit).toContain(`again ${session}`);
  await jon.client.again();
  await expect.poll(() => [ivy.sessions.length, jon.sessions.length], limit).toEqual([2, 2]);
  jon.client.leave();
  await expect.poll(() => ivy.told.length, limit).toBe(2);
  await system.ready();
});

describe("two tabs of a browser", { timeout: 60_000 }, () => {
  let server: ChildProcess;
  let browser: Browser;
  let page: string;
  beforeAll(async () => {
    server = spawn(process.execPath, [SERVE], {
      env: { ...process.env, PORT: "0", MUSTER_URL: system.url },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: server.stdout ?? process.stdin });
    [page] = await once(lines, "line");
    const executablePath = BROWSERS.find((path) => existsSync(path));
    browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    server?.kill();
  });

  const openTab = async (speaks: string, wants: string) => {
    const tab = await browser.newPage();
    const faults: string[] = [];
    tab.on("pageerror", (error) => faults.push(error.message));
    tab.on("console", (message) => message.type() === "error" && faults.push(message.text()));
    await tab.goto(page);
    await tab.selectOption("#speaks", speaks);
    await tab.selectOption("#wants", wants);
    return { tab, faults, status: () => tab.textContent("#status"), press: (name: string) => tab.click(`#${name}`) };
  };

  it("find each other by their own comparison, part, and meet again", async () => {
    const [one, other, third] = [await openTab("de", "en"), await openTab("en", "de"), await openTab("en", "fr")];
    await third.press("find");
    await expect.poll(third.status, limit).toBe("Waiting…");
    await one.press("find");
    await expect.poll(() => one.tab.textContent("#others"), limit).toBe("1");
    await other.press("find");
    for (const each of [one, other]) await expect.poll(each.status, limit).toContain("Together with tab-");
    expect(await third.status()).toBe("Waiting…");
    await one.press("leave");
    for (const each of [one, other]) await expect.poll(each.status, limit).toBe("The session is over.");
    await one.press("again");
    await expect.poll(other.status, limit).toContain("press Again");
    await other.press("again");
    for (const each of [one, other]) await expect.poll(each.status, limit).toContain("Together with tab-");
    await one.press("rematch");
    await expect.poll(one.status, limit).toBe("Waiting…");
    await expect.poll(other.status, limit).toBe("The session is over.");
    await one.press("cancel");
    await expect.poll(one.status, limit).toBe("Not waiting.");
    for (const { faults, tab } of [one, other, third]) {
      expect(faults).toEqual([]);
      await tab.close();
    }
    // A tab that is closed is off the list.
    await expect.poll(() => inconsistenciesOf(system), limit).toEqual([]);
  });
});
