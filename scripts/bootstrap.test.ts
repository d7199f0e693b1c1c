import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FakeCheckout, fakeCheckout, finish, lockFile, redisVersion } from "./bootstrap/fake-checkout.ts";

const ECHO_ARGUMENTS = `
console.log(JSON.stringify({ args: process.argv.slice(2), path: process.env.PATH.split(":") }));
process.exitCode = 7;`;

/** Prints every signal it gets, and takes its time to stop. */
const PRINT_SIGNALS = `
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => { console.log(signal); setTimeout(() => process.exit(0), 300); });
}
process.on("SIGCONT", () => console.log("SIGCONT"));
setInterval(() => {}, 1000);
console.log("ready");`;

let checkout: FakeCheckout;
beforeEach(() => {
  checkout = fakeCheckout(ECHO_ARGUMENTS);
});
afterEach(() => {
  checkout.remove();
});

describe("with everything there", () => {
  test("hands over in silence, with the arguments, and takes over the exit code", async () => {
    const { exitCode, stdout, stderr } = await checkout.run(["up", "--demo", "--for", "60s"]);
    expect(JSON.parse(stdout).args).toEqual(["up", "--demo", "--for", "60s"]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(7);
    expect(checkout.commands()).toEqual([]);
  });

  test("puts the project's programs first on PATH, and the places of servers last", async () => {
    const { path } = JSON.parse((await checkout.run(["muster", "load"])).stdout);
    expect(path.slice(0, 2)).toEqual([join(checkout.root, "node_modules/.bin"), join(checkout.root, "bin")]);
    expect(path.slice(2)).toContain("/usr/sbin");
  });

  test("says how it is used when it does not know the command", async () => {
    const { exitCode, stderr } = await checkout.run(["down"]);
    expect(stderr).toContain("Usage: ");
    expect(exitCode).toBe(2);
  });

  test("explains when the Node 24 in node_modules is not made for this machine", async () => {
    checkout.write("node_modules/node/bin/node", "#!/no/such/loader\n");
    const { exitCode, stderr } = await checkout.run(["up"]);
    expect(stderr).toContain("does not start on this machine");
    expect(exitCode).toBe(1);
  });
});

describe("with something missing", () => {
  test("MUSTER_NO_INSTALL=1 prints the commands, runs none, and fails", async () => {
    checkout.program("redis-server", redisVersion("6.0.16"));
    checkout.write("node_modules/.package-lock.json", lockFile("0.9.0"));
    const { exitCode, stdout, stderr } = await checkout.run(["muster", "up"], { MUSTER_NO_INSTALL: "1" });
    expect(stderr).toContain("Redis 6.0.16 is too old");
    expect(stderr).toContain("package-lock.json asks for another fastify");
    expect(stderr).toMatch(/^ {2}npm ci /m);
    expect(stderr).toMatch(/^ {2}(sudo -n )?apt-get update$/m);
    expect(stderr).toMatch(/^ {2}(sudo -n )?env DEBIAN_FRONTEND=noninteractive apt-get install .* redis-server$/m);
    expect({ exitCode, stdout, commands: checkout.commands() }).toEqual({ exitCode: 1, stdout: "", commands: [] });
  });

  test("installs it, says so on stderr, and goes on", async () => {
    checkout.program("redis-server", redisVersion("6.0.16"));
    checkout.program("apt-get", `echo "installer speaks"\n[ "$1" = update ] || cp new-redis bin/redis-server`);
    checkout.write("new-redis", `#!/bin/sh\n${redisVersion("7.0.15")}\n`);
    checkout.write("node_modules/.package-lock.json", lockFile("0.9.0"));
    checkout.program("npm", "cp package-lock.json node_modules/.package-lock.json");
    checkout.write("bin/cp", '#!/bin/sh\nexec /bin/cp "$@"\n');
    const { exitCode, stdout, stderr } = await checkout.run(["up", "--demo"]);
    expect(checkout.commands()).toEqual([
      "npm ci --no-audit --no-fund --loglevel=error",
      "apt-get update",
      "apt-get install -y --no-install-recommends redis-server",
    ]);
    expect(stderr).toContain("installer speaks");
    expect(JSON.parse(stdout).args).toEqual(["up", "--demo"]);
    expect(exitCode).toBe(7);
  });

  test("stops at the first command that fails, and names the other ways", async () => {
    checkout.program("redis-server", redisVersion("6.0.16"));
    checkout.program("apt-get", "exit 100");
    const { exitCode, stderr } = await checkout.run(["up"]);
    expect(checkout.commands()).toEqual(["apt-get update"]);
    expect(stderr).toMatch(/failed with exit code 100.*REDIS_URL=.*docker compose up/s);
    expect(exitCode).toBe(1);
  });

  test("goes on without a Docker engine that can't be installed, and says what that costs", async () => {
    checkout.program("apt-get", "exit 100");
    checkout.write("node_modules/vitest/vitest.mjs", ECHO_ARGUMENTS);
    const { exitCode, stdout, stderr } = await checkout.run(["deploy"]);
    expect(stderr).toMatch(/failed with exit code 100.*containers are NOT tested/s);
    expect(JSON.parse(stdout).args).toEqual(["run", "--project", "deploy"]);
    expect(exitCode).toBe(7);
  });

  test("fails when what was installed is still too old", async () => {
    checkout.program("redis-server", redisVersion("6.0.16"));
    const { exitCode, stderr } = await checkout.run(["up"]);
    expect(stderr).toMatch(/still missing:\n.*Redis 6\.0\.16 is too old/);
    expect(exitCode).toBe(1);
  });

  test("does not let npm run on the Node that it will replace", async () => {
    checkout.write("node_modules/.package-lock.json", lockFile("0.9.0"));
    checkout.program("npm", 'echo "PATH is $PATH"');
    const bin = join(checkout.root, "node_modules/.bin");
    const { stderr } = await checkout.run(["up"], { PATH: `${bin}:${join(checkout.root, "bin")}` });
    expect(stderr).toContain(`PATH is ${join(checkout.root, "bin")}:`);
  });
});

describe("signals", () => {
  beforeEach(() => {
    checkout.write("packages/cli/src/main.ts", PRINT_SIGNALS);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s is passed on, and the program ends in its own time",
    async (signal) => {
      const { child, finished } = await startUp();
      child.kill(signal);
      expect(await finished).toMatchObject({ stdout: `ready\n${signal}\n`, exitCode: 0 });
    },
  );

  test("a Ctrl-C that npm repeats reaches the program once", async () => {
    const { child, printed, finished } = await startUp();
    child.kill("SIGINT");
    await printed();
    child.kill("SIGINT");
    expect(await finished).toMatchObject({ stdout: "ready\nSIGINT\n", exitCode: 0 });
  });

  test("what the terminal sends to its whole process group reaches the program through the bootstrap only", async () => {
    const { child, pid, finished } = await startUp();
    // The bootstrap ignores SIGCONT, so the program would get it only straight from the group.
    process.kill(-pid, "SIGCONT");
    child.kill("SIGTERM");
    expect(await finished).toMatchObject({ stdout: "ready\nSIGTERM\n" });
  });

  test("reach the bootstrap through npm, because package.json has its shell step aside", () => {
    const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));
    for (const name of ["start", "test", "bench", "bench:quick", "muster"]) {
      expect(scripts[name]).toMatch(/^exec node scripts\/bootstrap\.mjs /);
    }
  });

  test("a program killed by a signal gives 128 + its number", async () => {
    checkout.write("packages/cli/src/main.ts", 'process.kill(process.pid, "SIGKILL");');
    expect((await checkout.run(["up"])).exitCode).toBe(137);
  });

  /** Resolves when the program is ready for signals. */
  async function startUp() {
    const child = checkout.start(["up"]);
    const { stdout, pid } = child;
    if (stdout === null || pid === undefined) throw new Error("The bootstrap did not start");
    const printed = () => once(stdout, "data");
    const finished = finish(child);
    await printed();
    return { child, pid, printed, finished };
  }
});
