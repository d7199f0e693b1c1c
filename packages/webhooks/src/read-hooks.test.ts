import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@muster/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readHooks } from "./read-hooks.ts";
import { TEST_SECRET } from "./testing/endpoint.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "muster-hooks-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const write = async (content: unknown, name = "hooks.json") => {
  const file = join(folder, name);
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
};
const faultsOf = async (hooks: unknown, secrets: unknown) => {
  const error = await readHooks(await write(hooks), JSON.stringify(secrets)).catch((thrown) => thrown);
  if (!(error instanceof ConfigError)) throw new Error(`no ConfigError: ${error}`);
  return error.faults.map(({ path, reason }) => `${path}: ${reason}`);
};
const hook = { id: "push", url: "https://example.org/hook" };

describe("the file of hooks", () => {
  it("says for each where to send what, with defaults for the rest", async () => {
    const hooks = await readHooks(await write([hook]), JSON.stringify({ push: TEST_SECRET }));
    expect(hooks).toEqual([
      {
        ...hook,
        concurrency: 4,
        queues: undefined,
        events: new Set(["matched", "cancelled", "expired", "ended"]),
        keys: [Buffer.alloc(32, 7)],
      },
    ]);
  });

  it("may have its secrets in a file of their own, two of them while one replaces the other", async () => {
    const secrets = await write({ push: [TEST_SECRET, TEST_SECRET] }, "secrets.json");
    const [read] = await readHooks(await write([hook]), secrets);
    expect(read?.keys).toHaveLength(2);
  });

  it("has every fault named", async () => {
    expect(
      await faultsOf([hook, { ...hook, url: "http://user:pass@host/" }, { id: "two", url: "http://" }], {
        push: TEST_SECRET,
      }),
    ).toEqual([
      "[1].id: there is another hook named push",
      "[1].url: must not hold a password: it is shown; messages are signed",
      "[2].url: is no URL",
      "two: has no secret; openssl rand -base64 32 makes one",
    ]);
    expect((await faultsOf([{ ...hook, events: ["matched", "won"], extra: 1 }], {})).join("\n")).toMatch(
      /\[0\]\.events.*\n.*extra: is not a field that is known here|extra.*\n.*\[0\]\.events/,
    );
  });

  it("never has a secret shown in a fault", async () => {
    const weak = "whsec_dG9vLXNob3J0";
    expect((await faultsOf([hook], { push: weak })).join()).not.toContain(weak);
    const broken = await readHooks(await write([hook]), `{"push": ${TEST_SECRET}`).catch(String);
    expect(broken).not.toContain(TEST_SECRET.slice(6, 20));
  });
});
