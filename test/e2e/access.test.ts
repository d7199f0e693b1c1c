import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKey, createSignerKeys, editKeysFile, signToken } from "@muster/access";
import { type RunningSystem, startSystem } from "@muster/cli";
import { InstantClient, PlayerClient, RealmClient } from "@muster/client";
import type { StateFrame } from "@muster/core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

/** The whole system with keys in use, through nginx. */
let folder: string;
let file: string;
let system: RunningSystem;
let signer: Awaited<ReturnType<typeof createSignerKeys>>["privateKey"];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-access-"));
  file = join(folder, "keys.json");
  const { privateKey, publicKey } = await createSignerKeys("s_1");
  signer = privateKey;
  await editKeysFile(file, ({ keys }) => ({ keys, signers: [{ id: "s_1", realm: "eu", publicKey }] }));
  system = await startSystem({ keys: file, data: folder });
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

const limit = { timeout: 15_000 };
const addKey = async (more: { queues?: string[]; perSecond?: number } = {}) => {
  const { id, text, sha256 } = createKey();
  await editKeysFile(file, (known) => ({ ...known, keys: [...known.keys, { id, realm: "eu", sha256, ...more }] }));
  const client = new RealmClient({ url: system.url, apiKey: text, attempts: 1 });
  onTestFinished(() => client.close());
  // Every orchestrator and playserver has read the file when each of several calls succeeds.
  const paths = ["/v1/players/nobody", "/v1/players/nobody/events"];
  const answers = () => Promise.all(paths.flatMap((path) => Array.from({ length: 6 }, () => statusOf(path, text))));
  await expect.poll(async () => new Set(await answers()), limit).toEqual(new Set([200]));
  return { id, text, client };
};
const revoke = (id: string) =>
  editKeysFile(file, (known) => ({ ...known, keys: known.keys.filter((key) => key.id !== id) }));
const tokenOf = (player: string, forS = 60) => signToken(player, signer, forS, Date.now());
const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "done",
    (error: { code?: string }) => error.code ?? String(error),
  );
const statusOf = async (path: string, credential?: string, init: RequestInit = {}): Promise<number> => {
  const headers = { ...(credential !== undefined && { authorization: `Bearer ${credential}` }) };
  const answer = await fetch(system.url + path, { ...init, headers, signal: AbortSignal.timeout(5_000) });
  await answer.body?.cancel();
  return answer.status;
};

describe("without a key", () => {
  it.each(["/v1/queues", "/v1/players/ann", "/v1/tickets/t_1", "/v1/matches/m_1", "/v1/players/ann/events"])(
    "nothing of %s is told",
    async (path) => {
      expect(await statusOf(path)).toBe(401);
    },
  );

  it("no connection is made", async () => {
    await expect(new RealmClient({ url: system.url, timeoutMs: 5_000 }).connect()).rejects.toThrow();
    await expect(new PlayerClient({ url: system.url, player: "ann", timeoutMs: 5_000 }).connect()).rejects.toThrow();
    await expect(new InstantClient({ url: system.url, user: "ann", timeoutMs: 5_000 }).connect()).rejects.toThrow();
  });

  it("probes and the documentation are answered", async () => {
    for (const path of ["/healthz", "/readyz", "/openapi.json"]) expect(await statusOf(path)).toBe(200);
  });
});

describe("a realm's key", { timeout: 60_000 }, () => {
  it("is good for its queues, by HTTP and for watching", async () => {
    const { client } = await addKey({ queues: ["duel"] });
    const states: StateFrame[] = [];
    client.on("state", (state) => states.push(state));
    await client.connect();
    client.watch(["ann", "bob"]);
    const ticket = await client.enqueue("duel", { players: [{ id: "ann", elo: 1_000 }] });
    await client.enqueue("duel", { players: [{ id: "bob", elo: 1_000 }] });
    await expect.poll(() => states.filter(({ state }) => state === "inmatch").length, limit).toBe(2);
    const { match = "" } = await client.getTicket(ticket.id);
    expect((await client.endMatch(match)).state).toBe("ended");
    expect(await codeOf(client.enqueue("team", { players: [{ id: "ann", elo: 1_000 }] }))).toBe("FORBIDDEN");
    expect(await codeOf(client.queue("team"))).toBe("FORBIDDEN");
  });

  it("reaches no ticket or match of other queues", async () => {
    const [all, duel] = [await addKey(), await addKey({ queues: ["duel"] })];
    const ticket = await all.client.enqueue("team", { players: [{ id: "carl", elo: 1_000 }] });
    expect(await codeOf(duel.client.getTicket(ticket.id))).toBe("FORBIDDEN");
    expect(await codeOf(duel.client.cancelTicket(ticket.id))).toBe("FORBIDDEN");
    expect((await all.client.cancelTicket(ticket.id)).outcome).toBe("cancelled");
  });

  it("is refused once it is revoked, and its connections end, without a restart", async () => {
    const { id, client } = await addKey();
    const closed: number[] = [];
    client.on("close", ({ code }) => closed.push(code));
    await client.connect();
    await revoke(id);
    await expect.poll(() => codeOf(client.getPlayer("ann")), limit).toBe("UNAUTHORIZED");
    await expect.poll(() => closed[0], limit).toBe(4003);
  });

  it("stands for no players in queues that it is not for", async () => {
    const [all, duel] = [await addKey(), await addKey({ queues: ["duel"] })];
    const ticket = await all.client.enqueue("team", { players: [{ id: "olga", elo: 1_000 }] });
    const refusals: string[] = [];
    duel.client.on("error", ({ code }) => refusals.push(code));
    await duel.client.connect();
    duel.client.hold(["olga"]);
    await expect.poll(() => refusals, limit).toEqual(["FORBIDDEN"]);
    duel.client.hold(["nobody-yet"]);
    await duel.client.close();
    expect((await all.client.getTicket(ticket.id)).away).toBeUndefined();
    await all.client.cancelTicket(ticket.id);
  });

  it("is told when it calls too often, over all orchestrators", async () => {
    const { client } = await addKey({ perSecond: 20 });
    const codes = await Promise.all(Array.from({ length: 60 }, () => codeOf(client.getPlayer("ann"))));
    expect(codes.filter((code) => code === "TOO_MANY_REQUESTS").length).toBeGreaterThanOrEqual(10);
    expect(codes).toContain("done");
  });

  it("shares its realm's limit with the realm's other keys, over all orchestrators", async () => {
    const keys = [await addKey(), await addKey()];
    await editKeysFile(file, (known) => ({ ...known, realms: { eu: { perSecond: 10 } } }));
    // Each makes as many as the realm may, so that none would be refused if each were counted by itself.
    const burst = () =>
      Promise.all(keys.flatMap(({ client }) => Array.from({ length: 10 }, () => codeOf(client.getPlayer("ann")))));
    const refused = async () => (await burst()).filter((code) => code === "TOO_MANY_REQUESTS").length;
    await expect.poll(refused, { ...limit, interval: 1_100 }).toBeGreaterThan(0);
    await editKeysFile(file, ({ realms: _, ...known }) => known);
    await expect.poll(refused, limit).toBe(0);
  });

  it("stands in no log", async () => {
    const { text, client } = await addKey();
    await client.connect();
    await codeOf(client.enqueue("none", { players: [{ id: "ann", elo: 1 }] }));
    const names = [...system.processes].map(({ name }) => name);
    const logs = await Promise.all(
      [...names, "nginx-access"].map((name) => readFile(join(folder, "logs", `${name}.log`), "utf8").catch(() => "")),
    );
    expect(logs.join("")).not.toContain(text.split("_").slice(2).join("_"));
    expect(logs.join("").length).toBeGreaterThan(100);
  });
});

describe("a player's token", { timeout: 60_000 }, () => {
  it("is good for the player's own connection: it queues, is matched and told", async () => {
    const players = ["dora", "emil"].map((player) => {
      const client = new PlayerClient({ url: system.url, player, token: () => tokenOf(player) });
      onTestFinished(() => client.close());
      return { client, player };
    });
    const states: StateFrame[] = [];
    for (const { client, player } of players) {
      client.onState((state) => states.push(state));
      await client.connect();
      await client.queue("duel", { players: [{ id: player, elo: 2_000 }] });
    }
    await expect.poll(() => states.filter(({ state }) => state === "inmatch").length, limit).toBe(2);
  });

  it("is good for nobody else", async () => {
    const token = await tokenOf("fred");
    expect(await statusOf("/v1/players/fred", token)).toBe(200);
    expect(await statusOf("/v1/players/gina", token)).toBe(403);
    expect(await statusOf("/v1/players/gina/events", token)).toBe(403);
    expect(await statusOf("/v1/players/fred/disconnect", token, { method: "POST" })).toBe(403);
    const other = new PlayerClient({ url: system.url, player: "gina", token, timeoutMs: 5_000 });
    await expect(other.connect()).rejects.toThrow();
    const realm = new RealmClient({ url: system.url, apiKey: token, attempts: 1, timeoutMs: 5_000 });
    await expect(realm.connect()).rejects.toThrow();
    const party = { players: ["fred", "gina"].map((id) => ({ id, elo: 1_000 })) };
    expect(await codeOf(realm.enqueue("ranked", party))).toBe("FORBIDDEN");
    expect(await codeOf(realm.enqueueBatch("duel", [{ players: [{ id: "fred", elo: 1 }] }]))).toBe("FORBIDDEN");
  });

  it("reaches no ticket and no match of others", async () => {
    const { client } = await addKey();
    const theirs = await client.enqueue("team", { players: [{ id: "hugo", elo: 1_000 }] });
    const token = await tokenOf("ivan");
    expect(await statusOf(`/v1/tickets/${theirs.id}`, token)).toBe(403);
    expect(await statusOf(`/v1/tickets/${theirs.id}`, token, { method: "DELETE" })).toBe(403);
    await client.cancelTicket(theirs.id);
  });

  it("ends its connection when it is over; with a fresh one the client is back by itself", async () => {
    let given = 0;
    const client = new PlayerClient({
      url: system.url,
      player: "kate",
      token: () => {
        given += 1;
        return tokenOf("kate", given === 1 ? 2 : 60);
      },
    });
    onTestFinished(() => client.close());
    const closed: number[] = [];
    const opened: boolean[] = [];
    client.on("close", ({ code }) => closed.push(code));
    client.on("open", ({ reconnected }) => opened.push(reconnected));
    await client.connect();
    await expect.poll(() => closed, limit).toEqual([4003]);
    await expect.poll(() => opened, limit).toEqual([false, true]);
  });

  it("is good no more once its signer is revoked, and its connections end, without a restart", async () => {
    const { privateKey, publicKey } = await createSignerKeys("s_2", "ES256");
    const known = { id: "s_2", realm: "eu", publicKey };
    await editKeysFile(file, (now) => ({ ...now, signers: [...(now.signers ?? []), known] }));
    const token = await signToken("nina", privateKey, 3_600, Date.now());
    const answers = () => Promise.all(Array.from({ length: 8 }, () => statusOf("/v1/players/nina/events", token)));
    await expect.poll(async () => new Set(await answers()), limit).toEqual(new Set([200]));
    const client = new PlayerClient({ url: system.url, player: "nina", token });
    onTestFinished(() => client.close());
    const closed: number[] = [];
    client.on("close", ({ code }) => closed.push(code));
    await client.connect();
    await editKeysFile(file, (now) => ({ ...now, signers: (now.signers ?? []).filter(({ id }) => id !== "s_2") }));
    await expect.poll(() => closed[0], limit).toBe(4003);
    await expect.poll(() => statusOf("/v1/players/nina", token), limit).toBe(401);
  });

  it("makes as many calls in a second as each player may, over all orchestrators, refused ones among them", async () => {
    const token = await tokenOf("paul");
    await editKeysFile(file, (now) => ({ ...now, playersPerSecond: 5 }));
    onTestFinished(async () => {
      await editKeysFile(file, ({ playersPerSecond: _, ...now }) => now);
    });
    const codes = async () =>
      new Set(await Promise.all(Array.from({ length: 20 }, () => statusOf("/v1/players/paul", token))));
    await expect.poll(codes, limit).toEqual(new Set([200, 429]));
    const faulty = () => statusOf("/v1/queues/duel/tickets", token, { method: "POST" });
    await expect.poll(async () => new Set(await Promise.all(Array.from({ length: 20 }, faulty))), limit).toContain(429);
    // Another player has calls of its own.
    expect(await statusOf("/v1/players/rosa", await tokenOf("rosa"))).toBe(200);
  });

  it("is for its own user of instant matching", async () => {
    const client = new InstantClient({ url: system.url, user: "lena", token: await tokenOf("mona") });
    onTestFinished(() => client.close());
    await client.connect();
    const profile = { user_data: {}, user_preferences: {} };
    expect(await codeOf(client.request(profile as never))).toMatch(/FORBIDDEN|INVALID/);
  });
});
