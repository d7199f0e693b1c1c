/** Asks the real machine what plan.mjs wants to know. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { isatty } from "node:tty";

/** Where servers and Homebrew live on systems that leave them out of an ordinary user's PATH. */
const EXTRA_FOLDERS = ["/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"];

const POSTGRES_FOLDERS = "/usr/lib/postgresql";

/**
 * Debian keeps PostgreSQL's own programs in a folder for each version; the newest first.
 * @returns {string[]}
 */
function postgresFolders() {
  try {
    const versions = readdirSync(POSTGRES_FOLDERS).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(POSTGRES_FOLDERS, version, "bin"));
  } catch {
    return [];
  }
}

/** @param {string} root The repository */
export function projectNode(root) {
  return join(root, "node_modules/node/bin/node");
}

/**
 * PATH with the places Debian and Homebrew use, last so that nothing is hidden by them.
 * @param {string | undefined} path
 */
export function widerPath(path) {
  return [...new Set([...(path ?? "").split(delimiter), ...EXTRA_FOLDERS, ...postgresFolders()])]
    .filter(Boolean)
    .join(delimiter);
}

/**
 * @param {string} root The repository
 * @param {Record<string, string | undefined>} env
 * @returns {import("./plan.mjs").Probes}
 */
export function probeMachine(root, env) {
  const folders = widerPath(env.PATH).split(delimiter);
  return {
    env,
    isRoot: process.getuid?.() === 0,
    isInteractive: isatty(0),
    which: (program) => folders.map((folder) => join(folder, program)).find(isExecutable) ?? null,
    versionOf: (path) => spawnSync(path, ["--version"], { encoding: "utf8", timeout: 5000 }).stdout ?? null,
    lock: readLockFile(join(root, "package-lock.json")),
    installed: readLockFile(join(root, "node_modules/.package-lock.json")),
    hasProjectNode: isExecutable(projectNode(root)),
  };
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Null when the file is missing or cut short, as an interrupted install leaves it.
 * @param {string} path
 * @returns {import("./npm-packages.mjs").LockFile | null}
 */
function readLockFile(path) {
  try {
    const content = JSON.parse(readFileSync(path, "utf8"));
    return content?.packages ? content : null;
  } catch {
    return null;
  }
}
