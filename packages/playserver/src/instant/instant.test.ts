import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endMatch } from "@muster/core";
import { startService } from "@muster/core/service";
import {
  instantQueuesFile,
  openTestStore,
  sampleInstant,
  sampleInstantQueue,
  sampleQueue,
  solo,
  type TestStore,
} from "@muster/store/testing";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { playserver } from "../service.ts";
import { InstantTestClient } from "../testing/instant-client.ts";

const duel = sampleQueue();
/** Long enough that a rematch sees nothing of the partner at first, and short enough to wait for. */
const AVOID_FOR_MS = 6_000;
const definition = sampleInstant({ verify: true, avoidForMs: AVOID_FOR_MS });
const queue = sampleInstantQueue({ verify: true, avoidForMs: AVOID_FOR_MS });
let test: TestStore;
let folder: string;
let ports: number[];
const running: { stop(): Promise<void> }[] = [];
let opened: InstantTestClient[] = [];

beforeAll(async () => {
  test = await openTestStore();
  folder = await mkdtemp(join(tmpdir(), "muster-instant-"));
  const file = join(folder, "queues.json");
  await writeFile(file, instantQueuesFile(definition));
  const started = await Promise.all(
    [1, 2].map((n) =>
      startService(playserver, {
        ...{ REDIS_URL: test.redis.url, MUSTER_QUEUES: file, MUSTER_NAME: `playserver-${n}` },
        ...{ MUSTER_PORT: "0", MUSTER_LOG_LEVEL: "silent" },
      }),
    ),
  );
  running.push(...started.map((each) => each.running));
  ports = started.map((each) => each.running.port);
});
afterAll(async () => {
  for (const each of running) await each.stop();
  await test?.stop();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const client of opened) await client.close();
  opened = [];
});

let users = 0;
/** A user whom no other test knows. */
const open = async (name: string, server = 0) => {
  users += 1;
  return reopen(`${name}-${users}`, server);
};
const reopen = async (user: string, server = 0) => {
  const client = await InstantTestClient.open(ports[server] ?? 0, user);
  opened.push(client);
  return client;
};
const told = (client: InstantTestClient, status: Parameters<InstantTestClient["count"]>[0], times = 1) =>
  client.until(`${client.user} to be told ${status}`, () => client.count(status) >= times);
const together = async (one: InstantTestClient, other: InstantTestClient) => {
  const alias = await other.request();
  await one.request();
  await one.sees(alias);
  one.send("INSTANT_MATCH", { alias });
  await Promise.all([
    told(one, "SESSION", one.count("SESSION") + 1),
    told(other, "SESSION", other.count("SESSION") + 1),
  ]);
  return one.session?.session ?? "";
};
const end = (match: string) =>
  test.store.changeMatch(
    match,
    () => queue,
    (_, current, now) => endMatch(current, {}, now),
  );
const limit = { timeout: 15_000 };

describe("users of different playservers", { timeout: 60_000 }, () => {
  it("are told of each other, both ways, and one claim puts just these two together", async () => {
    const [ann, bob, cat] = [await open("ann"), await open("bob", 1), await open("cat", 1)];
    const data = { language: "de", age: 30 };
    const annAlias = await ann.request({ user_data: data, user_preferences: { age: { min: 20 } } });
    const catAlias = await cat.request();
    const bobAlias = await bob.request({ user_data: { age: 25 } });
    await Promise.all([
      ann.sees(bobAlias),
      bob.sees(annAlias),
      cat.sees(annAlias),
      cat.sees(bobAlias),
      ann.sees(catAlias),
    ]);
    expect(bob.waitlist.find(({ alias }) => alias === annAlias)).toEqual({
      ...{ alias: annAlias, user_data: data, user_preferences: { age: { min: 20 } } },
      random_room_string: ann.last("WAITING")?.random_room_string,
    });
    ann.send("INSTANT_MATCH", { alias: bobAlias });
    await Promise.all([told(ann, "SESSION"), told(bob, "SESSION")]);
    expect(ann.session).toMatchObject({
      random_room_string: bob.last("WAITING")?.random_room_string,
      partner: { user_id: bob.user, user_data: { age: 25 } },
    });
    expect(bob.session).toEqual({
      ...ann.session,
      partner: { user_id: ann.user, user_data: data, user_preferences: { age: { min: 20 } } },
    });
    const match = await test.store.readMatch(ann.session?.session ?? "");
    expect(match).toMatchObject({ queue: "instant", state: "live", instant: { secret: ann.session?.secret } });
    cat.send("INSTANT_MATCH", { alias: bobAlias });
    await told(cat, "TAKEN");
    expect(cat.session).toBeUndefined();
    // Nothing that was told to the others leads to a user, and the secret is nobody else's.
    const others = cat.texts.join("\n");
    for (const private_ of [ann.user, bob.user, ann.session?.secret ?? "", ann.session?.session ?? ""]) {
      expect(others).not.toContain(private_);
    }
    expect(ann.texts.filter((text) => text.includes("WAITLIST")).join()).not.toContain(bob.user);
    await end(ann.session?.session ?? "");
    await Promise.all([told(ann, "ENDED"), told(bob, "ENDED")]);
  });

  it("who came before find each other when one changes its preferences", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    const annAlias = await ann.request({
      user_data: { language: "de" },
      user_preferences: { language: { oneOf: ["fr"] } },
    });
    await bob.request({ user_data: { language: "en" } });
    await bob.sees(annAlias);
    const changed = await ann.request({
      user_data: { language: "de" },
      user_preferences: { language: { oneOf: ["en"] } },
    });
    expect(changed).not.toBe(annAlias);
    await bob.sees(changed);
    // And the one who changed is told of those who waited, anew.
    const bobs = ann.waitlist.filter(({ alias }) => alias === bob.alias).length;
    expect(bobs).toBeGreaterThan(0);
    bob.send("INSTANT_MATCH", { alias: annAlias });
    await told(bob, "TAKEN");
    bob.send("INSTANT_MATCH", { alias: changed });
    await Promise.all([told(ann, "SESSION"), told(bob, "SESSION")]);
  });

  it("of a newcomer whose announcement was lost learn from Redis", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    await ann.request();
    await test.raw.call("CLIENT", "KILL", "TYPE", "pubsub");
    const alias = await bob.request();
    await ann.sees(alias);
  });
});

describe("a claim", { timeout: 60_000 }, () => {
  it("of oneself, of an old alias, of a stranger, and without waiting has no effect", async () => {
    const [ann, bob] = [await open("ann"), await open("bob")];
    ann.send("INSTANT_MATCH", { alias: "abc" });
    await ann.until("an error", () => ann.errors.length === 1);
    expect(ann.errors[0]).toMatchObject({ code: "NOT_WAITING", event: "INSTANT_MATCH", alias: "abc" });
    const old = await bob.request();
    const own = await ann.request();
    await ann.sees(old);
    bob.send("CANCEL_INSTANT_MATCH");
    await told(bob, "CANCELLED");
    ann.send("INSTANT_MATCH", { alias: old });
    await told(ann, "TAKEN");
    await bob.request();
    ann.send("INSTANT_MATCH", { alias: old });
    await told(ann, "TAKEN", 2);
    ann.send("INSTANT_MATCH", { alias: own });
    await ann.until("an error", () => ann.errors.length === 2);
    expect(ann.errors[1]).toMatchObject({ code: "INVALID" });
    ann.send("INSTANT_MATCH", { alias: "x".repeat(24) });
    await told(ann, "TAKEN", 3);
    expect(await test.store.readPlayer(ann.user)).toMatchObject({ state: "inqueue" });
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("against declared preferences is refused, whichever side they are of", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    const alias = await ann.request({ user_data: { age: 30 }, user_preferences: { age: { min: 40 } } });
    await bob.request({ user_data: { age: 30 } });
    await bob.sees(alias);
    bob.send("INSTANT_MATCH", { alias });
    await bob.until("an error", () => bob.errors.length === 1);
    expect(bob.errors[0]).toMatchObject({ code: "NOT_COMPATIBLE", alias });
    ann.send("INSTANT_MATCH", { alias: bob.alias });
    await ann.until("an error", () => ann.errors.length === 1);
    expect(ann.errors[0]).toMatchObject({ code: "NOT_COMPATIBLE" });
  });

  it("of many at once for the same newcomer, through two playservers, gives one session, 20 times", async () => {
    const claimers = await Promise.all(Array.from({ length: 50 }, (_, n) => open("claimer", n % 2)));
    await Promise.all(claimers.map((each) => each.request()));
    let waiting = claimers;
    for (let round = 0; round < 20; round++) {
      const newcomer = await open("newcomer", round % 2);
      const alias = await newcomer.request();
      await Promise.all(waiting.map((each) => each.sees(alias)));
      const before = new Map(waiting.map((each) => [each, each.count("TAKEN")]));
      for (const each of waiting) each.send("INSTANT_MATCH", { alias });
      await told(newcomer, "SESSION");
      const winner = claimers.find(({ user }) => user === newcomer.session?.partner.user_id);
      const losers = waiting.filter((each) => each !== winner);
      // It may be told after the newcomer, and after those who came too late.
      if (winner) await told(winner, "SESSION");
      await Promise.all(losers.map((each) => told(each, "TAKEN", (before.get(each) ?? 0) + 1)));
      expect(losers.filter(({ session }) => session !== undefined)).toEqual([]);
      expect(waiting.filter(({ session }) => session !== undefined)).toEqual([winner]);
      expect(newcomer.count("SESSION")).toBe(1);
      waiting = losers;
    }
    expect(await test.inconsistencies()).toEqual([]);
  });
});

describe("a user", { timeout: 60_000 }, () => {
  it("who cancels, or whose ticket a realm cancels, waits no more", async () => {
    const ann = await open("ann");
    for (const cancel of [
      () => ann.send("CANCEL_INSTANT_MATCH"),
      () => test.store.endTicket(ann.last("WAITING")?.ticket ?? "", "cancelled"),
    ]) {
      const before = ann.count("CANCELLED");
      await ann.request();
      cancel();
      await told(ann, "CANCELLED", before + 1);
      expect(await test.store.readPlayer(ann.user)).toMatchObject({ state: "idle" });
    }
  });

  it("whose connection ends is off the list at once, and can't be claimed", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    const alias = await ann.request();
    await bob.request();
    await bob.sees(alias);
    const ticket = ann.last("WAITING")?.ticket ?? "";
    await ann.close();
    await expect.poll(async () => (await test.store.instant.waitingTickets()).has(ticket), limit).toBe(false);
    bob.send("INSTANT_MATCH", { alias });
    await told(bob, "TAKEN");
    // Back in no time, or later: it may wait again, whatever became of the ticket.
    const back = await reopen(ann.user, 1);
    await back.request();
    await bob.sees(back.alias);
  });

  it("who connects again takes the place of its older connection, also elsewhere", async () => {
    const ann = await open("ann");
    const alias = await ann.request();
    const newer = await reopen(ann.user, 1);
    const next = await newer.request();
    await ann.until("the close", () => ann.closed !== undefined);
    expect(ann.closed).toEqual({ code: 4001, reason: "replaced" });
    const bob = await open("bob");
    await bob.request();
    await bob.sees(next);
    bob.send("INSTANT_MATCH", { alias });
    await told(bob, "TAKEN");
    bob.send("INSTANT_MATCH", { alias: next });
    await told(newer, "SESSION");
  });

  it("who is in a queue can't wait here, and is told where it is", async () => {
    const ann = await open("ann");
    await test.store.enqueueTickets(duel, [{ id: `t_${ann.user}`, request: solo(ann.user) }]);
    ann.send("REQUEST_INSTANT_MATCH", { user_id: ann.user, user_data: {}, user_preferences: {} });
    await ann.until("an error", () => ann.errors.length === 1);
    expect(ann.errors[0]).toMatchObject({ code: "PLAYER_BUSY", message: expect.stringContaining('"duel"') });
  });

  it("can't speak for another on its connection", async () => {
    const ann = await open("ann");
    await ann.request();
    ann.send("REQUEST_INSTANT_MATCH", { user_id: "somebody", user_data: {}, user_preferences: {} });
    await ann.until("an error", () => ann.errors.length === 1);
    expect(ann.errors[0]).toMatchObject({ code: "INVALID", message: expect.stringContaining("user_id") });
  });

  it("who comes back during a session is told it again", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    const session = await together(ann, bob);
    await ann.close();
    const back = await reopen(ann.user, 1);
    back.send("REQUEST_INSTANT_MATCH", { user_id: ann.user, user_data: {}, user_preferences: {} });
    await told(back, "SESSION");
    expect(back.session?.session).toBe(session);
    expect(back.errors[0]).toMatchObject({ code: "PLAYER_BUSY" });
  });
});

it("a session that ends as soon as it began is told, and then its end", { timeout: 60_000 }, async () => {
  const [ann, bob] = [await open("ann"), await open("bob", 1)];
  for (let round = 1; round <= 10; round++) {
    const alias = await bob.request();
    await ann.request();
    await ann.sees(alias);
    ann.send("INSTANT_MATCH", { alias });
    let match: string | undefined;
    while (match === undefined) ({ match } = await test.store.readPlayer(bob.user));
    await end(match);
    await Promise.all([told(ann, "ENDED", round), told(bob, "ENDED", round)]);
    for (const { statuses } of [ann, bob]) {
      expect(statuses.slice(-2)).toMatchObject([
        { status: "SESSION", session: match },
        { status: "ENDED", session: match },
      ]);
    }
  }
});

describe("after a session", { timeout: 60_000 }, () => {
  it("a rematch leaves it, waits with the same profile, and is not with the same partner", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    await together(ann, bob);
    ann.send("REQUEST_REMATCH");
    await told(bob, "ENDED");
    await told(ann, "WAITING", 2);
    bob.send("REQUEST_INSTANT_MATCH", { user_id: bob.user, user_data: {}, user_preferences: {} });
    await told(bob, "WAITING", 2);
    bob.send("INSTANT_MATCH", { alias: ann.alias });
    await told(bob, "TAKEN");
    const cat = await open("cat");
    const alias = await cat.request();
    await Promise.all([ann.sees(alias), bob.sees(alias)]);
    expect(ann.waitlist.map((each) => each.alias)).not.toContain(bob.alias);
    expect(bob.waitlist.map((each) => each.alias)).not.toContain(ann.alias);
    ann.send("INSTANT_MATCH", { alias });
    await told(ann, "SESSION", 2);
    expect(ann.session?.partner.user_id).toBe(cat.user);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("a rematch of one whose session ended before avoids that partner, for a set time only", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    await end(await together(ann, bob));
    await Promise.all([told(ann, "ENDED"), told(bob, "ENDED")]);
    ann.send("REQUEST_REMATCH");
    await told(ann, "WAITING", 2);
    const bobs = await bob.request();
    bob.send("INSTANT_MATCH", { alias: ann.alias });
    await told(bob, "TAKEN");
    // Nobody has to ask anew.
    await Promise.all([ann.sees(bobs), bob.sees(ann.alias)]);
    bob.send("INSTANT_MATCH", { alias: ann.alias });
    await Promise.all([told(ann, "SESSION", 2), told(bob, "SESSION", 2)]);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("a client that comes back during it names its user, and may leave", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    const session = await together(ann, bob);
    await ann.close();
    const back = await reopen(ann.user, 1);
    back.send("HELLO_INSTANT_MATCH", { user_id: ann.user });
    await told(back, "SESSION");
    back.send("LEAVE_INSTANT_MATCH");
    await Promise.all([told(back, "ENDED"), told(bob, "ENDED")]);
    const late = await reopen(bob.user);
    late.send("HELLO_INSTANT_MATCH", { user_id: bob.user, session });
    await told(late, "ENDED");
    expect([late.errors, late.count("SESSION")]).toEqual([[], 0]);
  });

  it("a rematch that is asked for once more leaves only the session that it names", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    await together(ann, bob);
    ann.send("REQUEST_REMATCH", { session: "m_before" });
    await ann.until("an error", () => ann.errors.length === 1);
    expect(ann.errors[0]).toMatchObject({ code: "PLAYER_BUSY" });
    ann.send("REQUEST_REMATCH", { session: ann.session?.session ?? "" });
    await told(bob, "ENDED");
  });

  it("both who ask for it are together again, the other being told of the first", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    const session = await together(ann, bob);
    await end(session);
    await Promise.all([told(ann, "ENDED"), told(bob, "ENDED")]);
    ann.send("REQUEST_AGAIN");
    await told(bob, "AGAIN_ASKED");
    expect(bob.last("AGAIN_ASKED")).toEqual({ status: "AGAIN_ASKED", session });
    expect(ann.last("WAITING")).toMatchObject({ again: session });
    const cat = await open("cat");
    const alias = await cat.request();
    cat.send("INSTANT_MATCH", { alias: ann.alias });
    await told(cat, "TAKEN");
    expect(ann.waitlist.map((each) => each.alias)).not.toContain(alias);
    bob.send("REQUEST_AGAIN");
    await Promise.all([told(ann, "SESSION", 2), told(bob, "SESSION", 2)]);
    expect(ann.session?.partner.user_id).toBe(bob.user);
    expect(ann.session?.session).not.toBe(session);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("both who ask at the same time are together once, 10 times", async () => {
    const [ann, bob] = [await open("ann"), await open("bob", 1)];
    let session = await together(ann, bob);
    for (let round = 0; round < 10; round++) {
      await end(session);
      await Promise.all([told(ann, "ENDED", round + 1), told(bob, "ENDED", round + 1)]);
      ann.send("REQUEST_AGAIN");
      bob.send("REQUEST_AGAIN");
      await Promise.all([told(ann, "SESSION", round + 2), told(bob, "SESSION", round + 2)]);
      expect(ann.session?.session).toBe(bob.session?.session);
      session = ann.session?.session ?? "";
    }
    expect(ann.count("SESSION")).toBe(11);
    expect(await test.inconsistencies()).toEqual([]);
  });

  it("neither is possible without one, or while it runs", async () => {
    const ann = await open("ann");
    ann.send("REQUEST_REMATCH");
    ann.send("REQUEST_REMATCH", { user_id: ann.user });
    ann.send("REQUEST_AGAIN");
    await ann.until("errors", () => ann.errors.length === 3);
    expect(ann.errors.map(({ code }) => code)).toEqual(["INVALID", "TICKET_NOT_FOUND", "TICKET_NOT_FOUND"]);
    const bob = await open("bob");
    await together(ann, bob);
    bob.send("REQUEST_AGAIN");
    await bob.until("an error", () => bob.errors.length === 1);
    expect(bob.errors[0]).toMatchObject({ code: "WRONG_STATE" });
  });
});

describe("whatever a client sends", { timeout: 60_000 }, () => {
  it("is answered by an error or carried out, and the connection goes on", async () => {
    const events = ["REQUEST_INSTANT_MATCH", "INSTANT_MATCH", "REQUEST_REMATCH", "NONSENSE", "constructor", ""];
    const frame = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ event: fc.constantFrom(...events), data: fc.jsonValue() }).map((each) => JSON.stringify(each)),
      fc
        .record({ user_id: fc.string(), user_data: fc.jsonValue(), user_preferences: fc.jsonValue() })
        .map((data) => JSON.stringify({ event: "REQUEST_INSTANT_MATCH", data })),
    );
    const ann = await open("ann");
    let errors = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 10 }), async (frames) => {
        // A connection each: one takes a hundred frames in five seconds.
        const client = await InstantTestClient.open(ports[0] ?? 0, "fuzz");
        for (const text of frames) client.sendText(text);
        await client.until(
          "an answer to each",
          () => client.frames.length >= frames.length || client.closed !== undefined,
        );
        expect(client.closed).toBeUndefined();
        errors += client.errors.length;
        await client.close();
      }),
      { numRuns: 60 },
    );
    expect(errors).toBeGreaterThan(60);
    ann.sendText(new Uint8Array([1, 2, 3]));
    await ann.until("an error", () => ann.errors.length === 1);
    await ann.request();
  });

  it.each([
    ["a field that is not declared", { user_data: { email: "x" }, user_preferences: {} }, "user_data.email"],
    ["too much", { user_data: { language: "x".repeat(3_000) }, user_preferences: {} }, "2048"],
    [
      "a preference that is none",
      { user_data: {}, user_preferences: { age: { oneOf: ["1"] } } },
      "user_preferences.age.oneOf",
    ],
  ])("that holds %s is refused with its name", async (_, profile, name) => {
    const ann = await open("ann");
    ann.send("REQUEST_INSTANT_MATCH", { user_id: ann.user, ...profile });
    await ann.until("an error", () => ann.errors.length === 1);
    expect(ann.errors[0]).toMatchObject({ code: "INVALID", message: expect.stringContaining(name) });
  });

  it("too often is refused once, then dropped, then the connection is cut off", async () => {
    const ann = await open("ann");
    for (let n = 0; n < 150; n++) ann.send("CANCEL_INSTANT_MATCH");
    const refusals = () => ann.errors.filter(({ code }) => code === "TOO_MANY_REQUESTS");
    await ann.until("a refusal", () => ann.errors.some(({ message }) => message.includes("100 frames")));
    for (let n = 0; n < 400; n++) ann.send("CANCEL_INSTANT_MATCH");
    await ann.until("the close", () => ann.closed !== undefined);
    expect(ann.closed?.code).toBe(1008);
    expect(refusals().filter(({ message }) => message.includes("100 frames"))).toHaveLength(1);
  });

  it("as a user's requests, over whichever connections, is limited", async () => {
    const user = (await open("ann")).user;
    const codes: string[] = [];
    for (let n = 0; n < 4; n++) {
      const client = await reopen(user);
      for (let m = 0; m < 10; m++) {
        client.send("REQUEST_REMATCH", { user_id: user });
        await client.until("an answer", () => client.errors.length > m);
      }
      codes.push(...client.errors.map(({ code }) => code));
    }
    expect(codes.slice(0, 30)).not.toContain("TOO_MANY_REQUESTS");
    expect(codes.slice(30)).toEqual(Array(10).fill("TOO_MANY_REQUESTS"));
  });
});

it("without a WebSocket, the route says what it is", async () => {
  const response = await fetch(`http://127.0.0.1:${ports[0]}/v1/instant`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "INVALID", field: "Upgrade" });
});

it("a playserver says how many are connected", async () => {
  const response = await fetch(`http://127.0.0.1:${ports[0]}/readyz`);
  expect(await response.json()).toMatchObject({ ready: true, instants: expect.any(Number) });
});
