import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLogger } from "@muster/core/service";
import { decodeProtectedHeader, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKey } from "./api-key.ts";
import { requireQueue, requireRealm, requireSelf } from "./caller.ts";
import { credentialOf } from "./credentials.ts";
import { editKeysFile } from "./edit-keys-file.ts";
import type { KeysFile } from "./keys-file.ts";
import { type Access, openAccess } from "./open-access.ts";
import { signToken } from "./player-token.ts";
import { createSignerKeys } from "./signer-keys.ts";

const clock = { time: Date.now(), now: () => clock.time };
const limit = { timeout: 10_000 };

let folder: string;
let file: string;
let access: Access | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-keys-"));
  file = join(folder, "keys.json");
});
afterEach(async () => {
  await access?.close();
  access = undefined;
  await rm(folder, { recursive: true });
});

const addKey = async (realm: string, more: object = {}) => {
  const { id, text, sha256 } = createKey();
  await editKeysFile(file, (known) => ({ ...known, keys: [...known.keys, { id, realm, sha256, ...more }] }));
  return { id, text };
};
const addSigner = async (id: string) => {
  const { privateKey, publicKey } = await createSignerKeys(id);
  const signer = { id, realm: "eu", publicKey };
  await editKeysFile(file, (known) => ({ ...known, signers: [...(known.signers ?? []), signer] }));
  return privateKey;
};
const open = async () => {
  access = await openAccess({ file, clock, log: silentLogger });
  return access;
};

describe("a realm's key", () => {
  it("lets its realm in, for its queues", async () => {
    const { id, text } = await addKey("eu", { queues: ["duel"], perSecond: 5 });
    const { callerOf, limitsOf } = await open();
    const caller = await callerOf(text);
    expect(caller).toEqual({ kind: "realm", realm: "eu", key: id, queues: ["duel"] });
    expect(limitsOf(caller)).toEqual([{ of: "key", subject: `key:${id}`, perSecond: 5 }]);
  });

  it("is bound by its realm's limit too, which all keys of the realm share, from when the file says so", async () => {
    const [one, other, us] = [await addKey("eu", { perSecond: 5 }), await addKey("eu"), await addKey("us")];
    const { callerOf, limitsOf } = await open();
    const limits = async ({ text }: { text: string }) => limitsOf(await callerOf(text));
    expect(await limits(other)).toEqual([]);
    await editKeysFile(file, (known) => ({ ...known, realms: { eu: { perSecond: 7 } } }));
    const ofRealm = { of: "realm", subject: "realm:eu", perSecond: 7 };
    await expect.poll(() => limits(other), limit).toEqual([ofRealm]);
    expect(await limits(one)).toEqual([{ of: "key", subject: `key:${one.id}`, perSecond: 5 }, ofRealm]);
    expect(await limits(us)).toEqual([]);
  });

  it.each([
    [{ EU: { perSecond: 7 } }, /realms/],
    [{ eu: { perSecond: 0 } }, /realms\.eu\.perSecond/],
    [{ eu: { perMinute: 7 } }, /realms\.eu/],
  ])("has no limit %j of its realm", async (realms, fault) => {
    await addKey("eu");
    await expect(editKeysFile(file, (known) => ({ ...known, realms }) as KeysFile)).rejects.toThrow(fault);
  });

  it("is kept as a hash only, in a file for its owner", async () => {
    const { text } = await addKey("eu");
    // The secret may have "_" in it too.
    const [, , ...secret] = text.split("_");
    expect(await readFile(file, "utf8")).not.toContain(secret.join("_"));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["none", undefined],
    ["an unknown one", createKey().text],
    ["what is no key", "letmein"],
    ["nothing", ""],
  ])("refuses %s", async (_, credential) => {
    await addKey("eu");
    await expect((await open()).callerOf(credential)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  it("refuses a wrong secret of a known id", async () => {
    const { text } = await addKey("eu");
    const wrong = `${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`;
    await expect((await open()).callerOf(wrong)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  it("is taken as soon as it is in the file, and refused when it is gone, while services run", async () => {
    const first = await addKey("eu");
    const { callerOf, isGood } = await open();
    const caller = await callerOf(first.text);
    const second = await addKey("us");
    await expect.poll(() => callerOf(second.text).catch(() => null), limit).toMatchObject({ realm: "us" });
    await editKeysFile(file, (known) => ({ ...known, keys: known.keys.filter(({ id }) => id !== first.id) }));
    await expect.poll(() => isGood(caller), limit).toBe(false);
    await expect(callerOf(first.text)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  it("has the queues that the file says now, also for who came before", async () => {
    const { id, text } = await addKey("eu", { queues: ["duel", "team"] });
    const { callerOf, queuesOf } = await open();
    const caller = await callerOf(text);
    expect(queuesOf(caller)).toEqual(["duel", "team"]);
    const edit = (key: { id: string }) => (key.id === id ? { ...key, queues: ["duel"] } : key);
    await editKeysFile(file, (known) => ({ ...known, keys: known.keys.map(edit) as typeof known.keys }));
    await expect.poll(() => queuesOf(caller), limit).toEqual(["duel"]);
  });

  it("stays in use while the file is faulty or gone", async () => {
    const { text } = await addKey("eu");
    const { callerOf } = await open();
    await writeFile(file, "{");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await expect(callerOf(text)).resolves.toMatchObject({ realm: "eu" });
    await rm(file);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await expect(callerOf(text)).resolves.toMatchObject({ realm: "eu" });
  });
});

describe("a player's token", () => {
  it("lets its player in until it is over", async () => {
    const key = await addSigner("s_1");
    const { callerOf, isGood } = await open();
    const caller = await callerOf(await signToken("ann", key, 60, clock.now()));
    expect(caller).toMatchObject({ kind: "player", player: "ann", realm: "eu" });
    expect(isGood(caller)).toBe(true);
    clock.time += 61_000;
    expect(isGood(caller)).toBe(false);
  });

  it("lets nobody in any more once its signer is revoked, or has another key, while services run", async () => {
    const [first, second] = [await addSigner("s_1"), await addSigner("s_2")];
    const { callerOf, isGood } = await open();
    const tokens = await Promise.all([first, second].map((key) => signToken("ann", key, 60, clock.now())));
    const callers = await Promise.all(tokens.map(callerOf));
    expect(callers.map(isGood)).toEqual([true, true]);
    const { publicKey } = await createSignerKeys("s_2");
    await editKeysFile(file, (known) => ({ ...known, signers: [{ id: "s_2", realm: "eu", publicKey }] }));
    await expect.poll(() => callers.map(isGood), limit).toEqual([false, false]);
    for (const token of tokens) await expect(callerOf(token)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  });

  it("may be signed by ES256 too", async () => {
    const { privateKey, publicKey } = await createSignerKeys("s_es", "ES256");
    await editKeysFile(file, (known) => ({ ...known, signers: [{ id: "s_es", realm: "eu", publicKey }] }));
    const { callerOf } = await open();
    const token = await signToken("ann", privateKey, 60, clock.now());
    expect(decodeProtectedHeader(token)).toEqual({ alg: "ES256", kid: "s_es" });
    expect(await callerOf(token)).toMatchObject({ kind: "player", player: "ann" });
    const other = (await createSignerKeys("s_es", "ES256")).privateKey;
    await expect(callerOf(await signToken("ann", other, 60, clock.now()))).rejects.toThrow(/signature/);
  });

  it("has the limit of the keys file", async () => {
    const key = await addSigner("s_1");
    await editKeysFile(file, (known) => ({ ...known, playersPerSecond: 7 }));
    const { callerOf, limitsOf } = await open();
    const caller = await callerOf(await signToken("ann", key, 60, clock.now()));
    expect(limitsOf(caller)).toEqual([{ of: "player", subject: "player:ann", perSecond: 7 }]);
  });

  it.each<[string, RegExp, (key: Awaited<ReturnType<typeof addSigner>>) => Promise<string>]>([
    ["over", /has expired/, (key) => signToken("ann", key, 60, clock.now() - 120_000)],
    ["of an unknown signer", /names no signer/, (key) => signToken("ann", { ...key, kid: "s_2" }, 60, clock.now())],
    ["good for too long", /more than 24 hours/, (key) => signToken("ann", key, 90_000, clock.now())],
    ["of no player", /no player's id/, (key) => signToken("a b", key, 60, clock.now())],
    [
      "signed by another",
      /signature/,
      async (key) => signToken("ann", { ...(await createSignerKeys("s_1")).privateKey, kid: key.kid }, 60, clock.now()),
    ],
    ["for another service", /claim aud/, (key) => forOtherAudience(key)],
    [
      "without a signature",
      /can't be verified|no signer/,
      async ({ kid }) => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
        return `${part({ alg: "none", kid })}.${part({ sub: "ann", aud: "muster", iat: 1, exp: 9e9 })}.`;
      },
    ],
  ])("is refused when it is %s", async (_, reason, make) => {
    const key = await addSigner("s_1");
    const token = await make(key);
    const refusal = await (await open()).callerOf(token).catch((error: Error) => error);
    expect(refusal).toMatchObject({ code: "UNAUTHORIZED", message: expect.stringMatching(reason) });
    expect(String(refusal)).not.toContain(token);
  });
});

const forOtherAudience = async (key: Awaited<ReturnType<typeof addSigner>>): Promise<string> => {
  const { importJWK } = await import("jose");
  const now = Math.floor(clock.now() / 1_000);
  return new SignJWT()
    .setProtectedHeader({ alg: "EdDSA", kid: key.kid })
    .setSubject("ann")
    .setAudience("other")
    .setIssuedAt(now)
    .setExpirationTime(now + 60)
    .sign(await importJWK(key, "EdDSA"));
};

describe("a keys file", () => {
  it("that is faulty starts nothing, and each fault is named", async () => {
    await writeFile(file, JSON.stringify({ keys: [{ id: "x", realm: "eu", sha256: "0" }], extra: 1 }));
    await expect(open()).rejects.toThrow(/keys\[0\]\.id/);
    await expect(open()).rejects.toThrow(/keys\[0\]\.sha256/);
  });

  it("that isn't there starts nothing", async () => {
    await expect(open()).rejects.toThrow(/keys\.json: the file: can't be read/);
  });

  it("may not hold an id twice", async () => {
    const { id } = await addKey("eu");
    const { sha256 } = createKey();
    const twice = editKeysFile(file, (known) => ({ keys: [...known.keys, { id, realm: "us", sha256 }] }));
    await expect(twice).rejects.toThrow(/keys\[1\]\.id: "\w+" is there twice/);
  });
});

describe("what a caller may do", () => {
  const player = { kind: "player", player: "ann", realm: "eu", signer: { id: "s_1", x: "" }, until: 0 } as const;
  const scoped = { kind: "realm", realm: "eu", key: "k", queues: ["duel"] } as const;
  const forbidden = expect.objectContaining({ code: "FORBIDDEN" });

  it("ends at the queues of its key", () => {
    expect(() => requireQueue(scoped, "duel")).not.toThrow();
    expect(() => requireQueue(scoped, "ranked")).toThrow(forbidden);
    expect(() => requireQueue({ ...scoped, queues: undefined as never }, "ranked")).not.toThrow();
  });

  it("ends for a player at itself", () => {
    expect(() => requireSelf(player, "ann")).not.toThrow();
    expect(() => requireSelf(player, "bob")).toThrow(forbidden);
    expect(() => requireSelf(scoped, "bob")).not.toThrow();
    expect(() => requireRealm(player)).toThrow(forbidden);
    expect(() => requireRealm({ kind: "anyone" })).not.toThrow();
  });
});

it("takes a credential from the header or, of WebSockets, from a subprotocol", () => {
  expect(credentialOf({ authorization: "Bearer abc" })).toBe("abc");
  expect(credentialOf({ authorization: "Basic abc" })).toBeUndefined();
  expect(credentialOf({ "sec-websocket-protocol": "muster.v1, bearer.abc" })).toBe("abc");
  expect(credentialOf({ "sec-websocket-protocol": "muster.v1" })).toBeUndefined();
  expect(credentialOf({ authorization: `Bearer ${"a".repeat(5_000)}` })).toBeUndefined();
});
