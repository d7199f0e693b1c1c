import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKey, createSignerKeys, editKeysFile, signToken } from "@muster/access";
import { type RunningSystem, startSystem } from "@muster/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bodyFor, type Contract, type OpenApi, readContract } from "../support/contract.ts";

/** What /openapi.json promises of keys and tokens, held against a system where they are in use. */
let folder: string;
let system: RunningSystem;
let document: OpenApi;
let contract: Contract;
const shown = { realm: "", scoped: "", limited: "", player: "" };
let ticket: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-contract-keys-"));
  const file = join(folder, "keys.json");
  const [all, scoped, limited] = [createKey(), createKey(), createKey()];
  const { privateKey, publicKey } = await createSignerKeys("s_1", "ES256");
  await editKeysFile(file, () => ({
    keys: [
      { id: all.id, realm: "eu", sha256: all.sha256 },
      { id: scoped.id, realm: "us", sha256: scoped.sha256, queues: ["team"] },
      { id: limited.id, realm: "eu", sha256: limited.sha256, perSecond: 1 },
    ],
    signers: [{ id: "s_1", realm: "eu", publicKey }],
  }));
  const player = await signToken("ann", privateKey, 3_600, Date.now());
  Object.assign(shown, { realm: all.text, scoped: scoped.text, limited: limited.text, player });
  system = await startSystem({ keys: file, data: folder });
  document = (await (await fetch(`${system.url}/openapi.json`)).json()) as OpenApi;
  contract = readContract(document);
});
afterAll(async () => {
  await system?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A call of each operation, about the player ann and her ticket; its answer must be as described. */
const callAll = async (
  credential: string | undefined,
  look: (name: string, status: number) => void | Promise<void>,
) => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      await look(name, await call(method.toUpperCase(), path, operation, credential));
    }
  }
};
const call = async (method: string, route: string, operation: Parameters<typeof bodyFor>[0], credential?: string) => {
  const values: Record<string, string> = { queue: "duel", player: "ann", match: "m_none", ticket };
  const path = route.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => values[name] ?? name);
  const body = bodyFor(operation);
  const stop = new AbortController();
  const response = await fetch(system.url + path, {
    ...{ method, signal: stop.signal },
    headers: {
      ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const type = response.headers.get("content-type") ?? "";
  const answer = type.includes("event-stream") ? "" : JSON.parse(await response.text());
  stop.abort();
  const { status } = response;
  expect(contract.faultOf(method, path, { status, type, body: answer })).toBeUndefined();
  return status;
};
const requirementOf = (name: string): object[] => {
  const [method = "", path = ""] = name.split(" ");
  return document.paths[path]?.[method.toLowerCase()]?.security ?? [];
};
const playersMay = (name: string) => requirementOf(name).some((each) => "playerToken" in each);

describe("where keys are in use, each operation", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    const response = await fetch(`${system.url}/v1/queues/duel/tickets`, {
      method: "POST",
      headers: { authorization: `Bearer ${shown.realm}`, "content-type": "application/json" },
      body: JSON.stringify({ players: [{ id: "ann", elo: 9_000 }] }),
    });
    ticket = ((await response.json()) as { id: string }).id;
  });

  it("says what it must be shown, by a way that is described", () => {
    const known = Object.keys(document.components.securitySchemes);
    expect(known.toSorted()).toEqual(["playerToken", "realmKey"]);
    for (const name of contract.all) {
      const ways = requirementOf(name).map((each) => Object.keys(each));
      expect([name, ways]).toEqual([name, playersMay(name) ? [["realmKey"], ["playerToken"]] : [["realmKey"]]]);
    }
  });

  it("answers 401 to who shows nothing", () =>
    callAll(undefined, (name, status) => expect([name, status]).toEqual([name, 401])));

  it("takes a player's token where it says so, and answers 403 elsewhere", async () => {
    await callAll(shown.player, (name, status) => {
      expect([name, status === 403]).toEqual([name, !playersMay(name)]);
    });
  });

  it("answers 429 to who calls too often", async () => {
    // What playservers answer is not counted; they count connections.
    const counted = Object.entries(document.paths).filter(([path]) => !path.endsWith("/events"));
    for (const [path, methods] of counted) {
      for (const [method, operation] of Object.entries(methods)) {
        const again = () => call(method.toUpperCase(), path, operation, shown.limited);
        await expect.poll(again, { timeout: 10_000, interval: 1 }).toBe(429);
      }
    }
  });

  it("answers 403 where it is about a queue that the key is not for", async () => {
    const refused: string[] = [];
    await callAll(shown.scoped, (name, status) => void (status === 403 && refused.push(name)));
    expect(refused).toEqual(expect.arrayContaining(["GET /v1/queues/{queue}", "POST /v1/queues/{queue}/tickets"]));
    expect(refused).toContain("GET /v1/tickets/{ticket}");
    expect(refused).not.toContain("GET /v1/players/{player}");
  });
});
