import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAccess } from "@muster/access";
import { silentLogger, systemClock } from "@muster/core/service";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createApiKey, createSigner, limitRealm, listKeys, revokeKey } from "./keys.ts";
import { makeToken } from "./token.ts";

let folder: string;
let file: string;
let said: string[];
let faults: string[];
const output = { out: (line: string) => void said.push(line), err: (line: string) => void faults.push(line) };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-cli-keys-"));
  file = join(folder, "keys.json");
  [said, faults] = [[], []];
});
afterEach(() => rm(folder, { recursive: true }));

const callerOf = async (credential: string) => {
  const access = await openAccess({ file, clock: systemClock, log: silentLogger });
  return access.callerOf(credential).finally(() => access.close());
};

it("makes a key that is taken, lists it without what it is, and revokes it", async () => {
  const options = { file, realm: "eu", queues: "duel, team", perSecond: "50" };
  expect(await createApiKey(options, systemClock, output)).toBe(0);
  const [key = ""] = said;
  expect(await callerOf(key)).toMatchObject({ kind: "realm", realm: "eu", queues: ["duel", "team"] });
  expect(await listKeys({ file, json: true }, output)).toBe(0);
  const [listed] = JSON.parse(said[1] ?? "");
  expect(listed).toMatchObject({ kind: "key", realm: "eu", queues: ["duel", "team"], perSecond: 50 });
  expect(said[1]).not.toContain("sha256");
  expect(await revokeKey(listed.id, { file }, output)).toBe(0);
  await expect(callerOf(key)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  expect(await revokeKey(listed.id, { file }, output)).toBe(1);
  expect(faults.at(-1)).toMatch(/muster keys list/);
});

it("bounds a realm as a whole, says so in the list, and takes the bound away", async () => {
  await createApiKey({ file, realm: "eu", json: true }, systemClock, output);
  expect(await limitRealm("eu", { file, perSecond: "80" }, output)).toBe(0);
  expect(said.at(-1)).toBe("All keys of eu together may call 80 times a second.");
  await listKeys({ file, json: true }, output);
  expect(JSON.parse(said.at(-1) ?? "")[1]).toEqual({ kind: "realm", realm: "eu", perSecond: 80 });
  expect(await limitRealm("eu", { file, json: true }, output)).toBe(0);
  expect(JSON.parse(said.at(-1) ?? "")).toEqual({ realm: "eu", perSecond: null });
  await listKeys({ file, json: true }, output);
  expect(JSON.parse(said.at(-1) ?? "")).toHaveLength(1);
  expect(await limitRealm("eu", { file, perSecond: "many" }, output)).toBe(78);
  expect(faults.join()).toMatch(/realms\.eu\.perSecond/);
});

it("tells programs of all that it makes and revokes", async () => {
  const told = () => JSON.parse(said.at(-1) ?? "");
  const out = join(folder, "private.json");
  await createApiKey({ file, realm: "eu", json: true }, systemClock, output);
  const { id, key, realm } = told();
  expect([realm, await callerOf(key)]).toEqual(["eu", expect.objectContaining({ kind: "realm", realm: "eu" })]);
  await createSigner({ file, realm: "eu", out, json: true }, systemClock, output);
  expect(told()).toEqual({ id: expect.stringMatching(/^s_/), realm: "eu", privateKeyFile: out });
  await makeToken({ player: "ann", key: out, for: "5m", json: true }, systemClock, output);
  expect(told()).toEqual({ player: "ann", token: expect.any(String), expiresAt: expect.stringMatching(/Z$/) });
  await revokeKey(id, { file, json: true }, output);
  expect(told()).toEqual({ id, revoked: true });
});

it.each([
  [{ realm: "No Realm" }, /keys\[0\]\.realm/],
  [{ realm: "eu", queues: "Duel" }, /keys\[0\]\.queues/],
  [{ realm: "eu", perSecond: "many" }, /keys\[0\]\.perSecond/],
])("refuses %j, and writes nothing", async (options, fault) => {
  expect(await createApiKey({ file, ...options }, systemClock, output)).toBe(78);
  expect(faults.join()).toMatch(fault);
  expect(said).toEqual([]);
  await expect(readFile(file)).rejects.toThrow();
});

it.each([undefined, "ES256"] as const)("makes a signer by %s, and tokens with it that are taken", async (algorithm) => {
  const out = join(folder, "private.json");
  expect(await createSigner({ file, realm: "eu", out, ...(algorithm && { algorithm }) }, systemClock, output)).toBe(0);
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  expect(await makeToken({ player: "ann", key: out, for: "5m" }, systemClock, output)).toBe(0);
  expect(await callerOf(said.at(-1) ?? "")).toMatchObject({ kind: "player", player: "ann" });
  // Nor over another's key.
  expect(await createSigner({ file, realm: "eu", out }, systemClock, output)).toBe(1);
});

it.each([
  [{ player: "a b" }, /--player/],
  [{ for: "2 weeks" }, /--for/],
  [{ for: "48h" }, /--for/],
  [{ key: "/none" }, /--key \/none can't sign/],
])("makes no token from %j", async (options, fault) => {
  const out = join(folder, "private.json");
  await createSigner({ file, realm: "eu", out }, systemClock, output);
  said.length = 0;
  expect(await makeToken({ player: "ann", key: out, for: "5m", ...options }, systemClock, output)).toBe(78);
  expect([said, faults.join()]).toEqual([[], expect.stringMatching(fault)]);
});
