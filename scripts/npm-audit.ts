import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LIMIT_MS = 60_000;

/** Weaknesses that npm knows of in the packages of the lock file; or why it could not be asked. */
export type Audit = { found: string[] } | { unreachable: string };

/** @param options as of `npm audit`: ["--omit=dev"] for what is shipped only */
export const audit = (options: readonly string[]): Audit => {
  const { stdout, error } = spawnSync("npm", ["audit", "--json", ...options], {
    ...{ cwd: ROOT, encoding: "utf8", timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 },
  });
  return error ? { unreachable: error.message } : readAudit(stdout);
};

/**
 * @param output what `npm audit --json` prints: a report, or the error of a registry that it could not ask
 * @throws when it is neither
 */
export const readAudit = (output: string): Audit => {
  const said: unknown = JSON.parse(output);
  if (typeof said !== "object" || said === null) throw new Error(`npm audit said: ${output.slice(0, 200)}`);
  if ("vulnerabilities" in said) {
    const all = Object.values(
      said.vulnerabilities as Record<string, { name: string; severity: string; range: string }>,
    );
    return { found: all.map(({ name, severity, range }) => `${name} ${range}: ${severity}`) };
  }
  if ("message" in said) return { unreachable: String(said.message) };
  throw new Error(`npm audit said: ${output.slice(0, 200)}`);
};
