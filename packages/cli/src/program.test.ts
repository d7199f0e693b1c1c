import { VERSION } from "@muster/core/service";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { runCommandLine } from "./program.ts";
import { flagOf, SETTING_NAMES, UpSettings } from "./up/options.ts";

// The commands that end at once run in this process; main.test.ts has the others.
let out: string;
let err: string;
beforeEach(() => {
  [out, err] = ["", ""];
  const write = (add: (text: string) => void) => (text: string | Uint8Array) => {
    add(String(text));
    return true;
  };
  vi.spyOn(process.stdout, "write").mockImplementation(write((text) => (out += text)));
  vi.spyOn(process.stderr, "write").mockImplementation(write((text) => (err += text)));
  vi.spyOn(console, "log").mockImplementation((text) => (out += `${text}\n`));
  vi.spyOn(console, "error").mockImplementation((text) => (err += `${text}\n`));
  vi.stubEnv("MUSTER_KEYS", "/tmp/muster-no-such-folder/keys.json");
});
const exitCode = process.exitCode;
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = exitCode;
});

const muster = (line: string) => runCommandLine(line.split(" ").filter(Boolean));

it("tells its version", async () => {
  expect(await muster("--version")).toBe(0);
  expect(out).toBe(`${VERSION}\n`);
});

it("explains options and their variables", async () => {
  expect(await muster("up --help")).toBe(0);
  expect(out).toContain("--base-port <port>");
  expect(out).toContain("MUSTER_BASE_PORT");
});

it("takes a value for each setting of muster up that is not a yes or no", async () => {
  await muster("up --help");
  const valued = SETTING_NAMES.filter((name) => (UpSettings.properties[name] as { type?: string }).type !== "boolean");
  expect(valued.filter((name) => !out.includes(`${flagOf(name)} <`))).toEqual([]);
});

// `bench` hands its help over to a process of its own.
const COMMANDS = [
  ...["up", "load", "simulate", "explain", "events", "doctor", "queues check", "token"],
  ...["keys create", "keys signer", "keys limit", "keys list", "keys revoke"],
];

it.each(["", "keys", "queues", "completion", ...COMMANDS])(
  "tells the exit codes once in the help of muster %s",
  async (command) => {
    expect(await muster(`${command} --help`)).toBe(0);
    expect(out.split("Exit codes:")).toHaveLength(2);
    expect(out).toContain("78   a value, a file or an environment variable is faulty");
  },
);

it.each(COMMANDS)("muster %s speaks JSON to programs", async (command) => {
  await muster(`${command} --help`);
  expect(out).toMatch(/^ +--json\b/m);
});

it.each([
  ["", 2],
  ["fly", 2],
  ["explain", 2],
  ["keys revoke", 2],
  ["load --speed 9", 2],
  ["load --rate many", 78],
  ["load --population /none", 78],
  ["simulate --rate many", 78],
  ["simulate --queues /none", 78],
  ["explain t_1 --url nowhere", 78],
  ["events --from yesterday", 78],
  ["events --redis-url nowhere", 78],
  ["doctor --url nowhere", 78],
  ["queues check /none", 78],
  ["keys create --realm EU!", 78],
  ["token --player ann --for 2weeks", 78],
  ["token --player ann --key /none", 78],
  ["completion tcsh", 78],
  ["load --url http://127.0.0.1:1", 1],
  ["explain t_1 --url http://127.0.0.1:1", 1],
  ["events --redis-url redis://127.0.0.1:1", 1],
  ["doctor --redis-url redis://127.0.0.1:1", 1],
  ["keys revoke none1234", 1],
  ["keys create --realm eu", 1],
])("muster %s: ends with %i and says why", async (line, code) => {
  expect(await muster(line)).toBe(code);
  expect(out).toBe("");
  expect(err).not.toBe("");
  expect(err).not.toMatch(/^\s+at /m);
});
