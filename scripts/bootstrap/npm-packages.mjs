/**
 * Whether node_modules holds what package-lock.json asks for.
 *
 * npm keeps a record of what it installed in node_modules/.package-lock.json. Comparing the two by content holds where
 * comparing ages fails: a git checkout gives the lock file any age, npm itself writes the two in either order, and a
 * restored cache is younger than everything. An interrupted `npm ci` leaves no record, so it is done again.
 *
 * @typedef {object} LockedPackage
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {string} [resolved] For a link: the workspace folder it points to
 * @property {boolean} [link]
 * @property {boolean} [optional] Left out on machines it is not made for
 *
 * @typedef {{ packages: Record<string, LockedPackage> }} LockFile Keys are folders: "node_modules/fastify"
 */

/**
 * @param {Pick<import("./plan.mjs").Probes, "lock" | "installed" | "hasProjectNode">} probes
 * @returns {import("./plan.mjs").Need | null}
 */
export function npmPackagesNeed({ lock, installed, hasProjectNode }) {
  const why = whyInstall(lock, installed, hasProjectNode);
  return why === null ? null : { id: "npm", what: "the npm packages", why };
}

/**
 * @param {LockFile | null} lock
 * @param {LockFile | null} installed
 * @param {boolean} hasProjectNode
 */
function whyInstall(lock, installed, hasProjectNode) {
  if (installed === null) return "not installed yet";
  if (!hasProjectNode) return "Node 24 is missing from node_modules";
  // Without a lock file `npm ci` could only fail; leave what is installed alone.
  if (lock === null) return null;
  const stale = Object.keys(lock.packages).filter((folder) => isStale(folder, lock, installed));
  if (stale.length === 0) return null;
  const name = String(stale[0]).replace(/^.*node_modules\//, "");
  const others = stale.length === 1 ? "" : ` (and ${stale.length - 1} more)`;
  return `package-lock.json asks for another ${name} than is installed${others}`;
}

/**
 * Packages that are installed but not locked do no harm: the `node` package brings some of its own.
 * @param {string} folder
 * @param {LockFile} lock
 * @param {LockFile} installed
 */
function isStale(folder, lock, installed) {
  if (!folder.startsWith("node_modules/")) return false;
  const wanted = lock.packages[folder];
  const found = installed.packages[folder];
  if (wanted === undefined) return false;
  if (found === undefined) return !wanted.optional;
  if (wanted.link || found.link) return wanted.link !== found.link || wanted.resolved !== found.resolved;
  return wanted.version !== found.version || wanted.integrity !== found.integrity;
}
