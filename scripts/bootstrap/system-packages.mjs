/**
 * How each system's package manager installs Redis (or Valkey), nginx, and what only tests need. The first manager found is used.
 *
 * @typedef {object} PackageManager
 * @property {string} program
 * @property {boolean} needsRoot
 * @property {Record<"redis" | "nginx" | "postgres" | "chromium" | "prometheus" | "docker", string>} packages
 * @property {string[][]} before Commands to run first
 * @property {string[]} install The packages are appended
 */
const APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"];

/** @type {PackageManager[]} */
export const PACKAGE_MANAGERS = [
  {
    program: "apt-get",
    needsRoot: true,
    packages: {
      ...{ redis: "redis-server", nginx: "nginx", postgres: "postgresql", chromium: "chromium" },
      prometheus: "prometheus",
      docker: "docker.io docker-compose debootstrap",
    },
    before: [["apt-get", "update"]],
    install: [...APT, "install", "-y", "--no-install-recommends"],
  },
  {
    // Fedora and Red Hat 10 replaced Redis by Valkey.
    program: "dnf",
    needsRoot: true,
    packages: {
      redis: "valkey",
      nginx: "nginx",
      postgres: "postgresql-server",
      chromium: "chromium",
      prometheus: "golang-github-prometheus",
      docker: "docker docker-compose debootstrap",
    },
    before: [],
    install: ["dnf", "install", "-y"],
  },
  {
    program: "apk",
    needsRoot: true,
    packages: {
      ...{ redis: "redis", nginx: "nginx", postgres: "postgresql", chromium: "chromium" },
      prometheus: "prometheus",
      docker: "docker docker-compose debootstrap",
    },
    before: [],
    install: ["apk", "add", "--no-cache"],
  },
  {
    // Homebrew refuses to run as root.
    program: "brew",
    needsRoot: false,
    packages: {
      ...{ redis: "redis", nginx: "nginx", postgres: "postgresql", chromium: "chromium" },
      prometheus: "prometheus",
      docker: "docker docker-compose debootstrap",
    },
    before: [],
    install: ["brew", "install"],
  },
];

/**
 * @param {("npm" | "redis" | "nginx" | "postgres" | "chromium" | "prometheus" | "docker")[]} missing
 * @param {Pick<import("./plan.mjs").Probes, "which" | "isRoot" | "isInteractive">} probes
 * @returns {{ commands: string[][], obstacle: string | null }} With an obstacle, the commands are for a person to run.
 */
export function installCommands(missing, probes) {
  if (missing.length === 0) return { commands: [], obstacle: null };
  const manager = PACKAGE_MANAGERS.find(({ program }) => probes.which(program) !== null);
  if (manager === undefined) {
    const known = PACKAGE_MANAGERS.map(({ program }) => program).join(", ");
    return { commands: [], obstacle: `no package manager that Muster knows (${known}) was found` };
  }
  const packages = missing.flatMap((id) => (id === "npm" ? [] : manager.packages[id].split(" ")));
  const { prefix, obstacle } = asRoot(manager, probes);
  const commands = [...manager.before, [...manager.install, ...packages]];
  return { commands: commands.map((command) => [...prefix, ...command]), obstacle };
}

/**
 * @param {PackageManager} manager
 * @param {Pick<import("./plan.mjs").Probes, "which" | "isRoot" | "isInteractive">} probes
 * @returns {{ prefix: string[], obstacle: string | null }}
 */
function asRoot(manager, { isRoot, isInteractive, which }) {
  if (!manager.needsRoot) {
    return { prefix: [], obstacle: isRoot ? `${manager.program} does not run as root` : null };
  }
  if (isRoot) return { prefix: [], obstacle: null };
  if (which("sudo") === null) {
    return { prefix: [], obstacle: `${manager.program} needs root, and there is no sudo on this machine` };
  }
  // Without a terminal nobody can type a password: -n fails at once instead of waiting for ever.
  return { prefix: isInteractive ? ["sudo"] : ["sudo", "-n"], obstacle: null };
}
