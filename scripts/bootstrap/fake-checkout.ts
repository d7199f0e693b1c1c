/**
 * A repository and a machine in a temporary folder: the real bootstrap, but every program it may find or run is a
 * small shell script. PATH holds nothing else, and comes before the folders where real servers may be.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type FakeCheckout = ReturnType<typeof fakeCheckout>;
export type Finished = { exitCode: number | null; stdout: string; stderr: string };

/** @param mainScript What stands at packages/cli/src/main.ts */
export function fakeCheckout(mainScript: string) {
  const root = mkdtempSync(join(tmpdir(), "muster-bootstrap-"));
  const log = join(root, "commands.log");
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
    if (content.startsWith("#!")) chmodSync(join(root, path), 0o755);
  };
  /** A program that notes how it was called, then runs the given shell lines. */
  const program = (name: string, shell: string) =>
    write(`bin/${name}`, `#!/bin/sh\n[ "$1" = --version ] || echo "${name} $*" >> "${log}"\n${shell}\n`);

  cpSync(join(import.meta.dirname, "../bootstrap.mjs"), join(root, "scripts/bootstrap.mjs"));
  cpSync(import.meta.dirname, join(root, "scripts/bootstrap"), { recursive: true });
  write("package.json", '{ "type": "module" }');
  write("package-lock.json", lockFile("1.0.0"));
  write("node_modules/.package-lock.json", lockFile("1.0.0"));
  write("packages/cli/src/main.ts", mainScript);
  // Not symlinks: a test that overwrites one must not write to the real program.
  write("node_modules/node/bin/node", `#!/bin/sh\nexec "${process.execPath}" "$@"\n`);
  write("bin/env", '#!/bin/sh\nexec /usr/bin/env "$@"\n');
  program("redis-server", redisVersion("7.0.15"));
  program("nginx", "");
  program("initdb", "");
  program("chromium", "");
  program("npm", "");
  program("apt-get", "");
  // Whoever runs these tests may be root or not; the commands are the same behind sudo.
  program("sudo", '[ "$1" = -n ] && shift\nexec "$@"');

  const start = (args: string[], env: Record<string, string> = {}): ChildProcess =>
    spawn(process.execPath, [join(root, "scripts/bootstrap.mjs"), ...args], {
      env: { PATH: join(root, "bin"), ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
  return {
    root,
    write,
    program,
    start,
    run: (args: string[], env?: Record<string, string>) => finish(start(args, env)),
    /** Every command that changed something, without sudo; empty when none ran. */
    commands: () =>
      (existsSync(log) ? readFileSync(log, "utf8") : "")
        .split("\n")
        .filter((line) => line !== "" && !/^sudo /.test(line)),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export function lockFile(version: string): string {
  return JSON.stringify({ packages: { "node_modules/fastify": { version } } });
}

export function redisVersion(version: string): string {
  return `echo "Redis server v=${version} sha=00000000:0 malloc=libc bits=64 build=0"`;
}

export async function finish(child: ChildProcess): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { exitCode, stdout, stderr };
}
