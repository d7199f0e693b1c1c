import { chmod, chown, copyFile, cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { call } from "./engine.ts";

/** Of the images that the Dockerfile and the compose file begin with. */
export interface BaseImages {
  node: string;
  redis: string;
  /** From 1.27.3 on, which looks by itself who is there; undefined where no such version can be had. */
  nginx: string | undefined;
  /** Has to be told to reload. */
  olderNginx: string;
}

/** A Redis or Valkey in an image, and how it is started there. */
export interface RedisImage {
  name: string;
  image: string;
  program: string;
}

const OFFICIAL: BaseImages = {
  node: "node:24-bookworm-slim",
  redis: "redis:7.4-bookworm",
  nginx: "nginx:1.28-bookworm",
  olderNginx: "nginx:1.26-bookworm",
};
const OFFICIAL_REDIS: readonly RedisImage[] = [
  { name: "Redis 7.0", image: "redis:7.0-bookworm", program: "redis-server" },
  { name: "Redis 7.4", image: "redis:7.4-bookworm", program: "redis-server" },
  { name: "Redis 8.2", image: "redis:8.2-bookworm", program: "redis-server" },
  { name: "Valkey 8.1", image: "valkey/valkey:8.1-bookworm", program: "valkey-server" },
  { name: "Valkey 9.0", image: "valkey/valkey:9.0-bookworm", program: "valkey-server" },
];

/** Debian 12 with Node, Redis 7.0 and nginx 1.22: made once for each version of Node. */
const STAND_IN = `muster-stand-in:node-${process.versions.node}`;
/** The Debian of tomorrow, with Redis 8, Valkey 9 and nginx 1.30 or newer. */
const NEWER_STAND_IN = "muster-stand-in:debian-sid";
const PULL_LIMIT_MS = 120_000;
const DEBOOTSTRAP_LIMIT_MS = 400_000;
/** Whom /data belongs to in the official Redis image. */
const REDIS_USER = 999;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The official images, or where no registry can be reached Debians with the same programs in their place. Those are kept
 * for the next run.
 */
export const prepareBaseImages = async (): Promise<BaseImages> => {
  try {
    for (const image of Object.values(OFFICIAL)) await pull(image);
    return OFFICIAL;
  } catch {
    const newer = await makeStandIns();
    return { node: STAND_IN, redis: STAND_IN, nginx: newer, olderNginx: STAND_IN };
  }
};

/** Redis and Valkey in several versions, of which 7.0 is the oldest that Muster works with. */
export const prepareRedisImages = async (): Promise<readonly RedisImage[]> => {
  try {
    for (const { image } of OFFICIAL_REDIS) await pull(image);
    return OFFICIAL_REDIS;
  } catch {
    const newer = await makeStandIns();
    return [
      { name: "Redis 7.0", image: STAND_IN, program: "redis-server" },
      ...(newer === undefined
        ? []
        : [
            { name: "Redis 8.0", image: newer, program: "redis-server" },
            { name: "Valkey 9.1", image: newer, program: "valkey-server" },
          ]),
    ];
  }
};

const pull = (image: string) => call("docker", ["pull", "-q", image], { timeoutMs: PULL_LIMIT_MS });

/** @returns the newer one's name; undefined where it can't be made, as happens while Debian moves */
const makeStandIns = async (): Promise<string | undefined> => {
  console.log("No registry can be reached: Debians of this machine's packages stand in for the base images.");
  const [older, newer] = await Promise.allSettled([
    makeStandIn(STAND_IN, "bookworm", ["redis-server", "nginx"], addNode),
    makeStandIn(NEWER_STAND_IN, "sid", ["redis-server", "valkey-server", "nginx"]),
  ]);
  if (older.status === "rejected") throw older.reason;
  if (newer.status === "fulfilled") return NEWER_STAND_IN;
  console.error(`No newer Debian can be made, so newer versions of Redis and nginx are NOT tested: ${newer.reason}`);
  return undefined;
};

/** Succeeds if it is already there. */
const makeStandIn = async (
  image: string,
  suite: string,
  packages: readonly string[],
  add?: (root: string) => Promise<void>,
): Promise<void> => {
  if ((await call("docker", ["images", "-q", image])) !== "") return;
  const root = await mkdtemp(join(tmpdir(), "muster-debian-"));
  try {
    const include = `--include=${["ca-certificates", ...packages].join(",")}`;
    await call("debootstrap", ["--variant=minbase", include, suite, root], { timeoutMs: DEBOOTSTRAP_LIMIT_MS });
    // What only an installation needs.
    for (const folder of ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale"])
      await rm(join(root, folder), { recursive: true, force: true });
    await mkdir(join(root, "data"));
    await chown(join(root, "data"), REDIS_USER, REDIS_USER);
    await add?.(root);
    const archive = `${root}.tar`;
    try {
      await call("tar", ["-C", root, "-cf", archive, "."]);
      const settings = [`ENV PATH=${PATH}`, `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`];
      await call("docker", ["import", ...settings.flatMap((line) => ["--change", line]), archive, image]);
    } finally {
      await rm(archive, { force: true });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

/** The project's own Node 24, and the npm of this machine. */
const addNode = async (root: string): Promise<void> => {
  const node = join(root, "usr/local/bin/node");
  await copyFile(process.execPath, node);
  await chmod(node, 0o755);
  const npm = dirname(dirname(await realpath(await call("which", ["npm"]))));
  await cp(npm, join(root, "usr/local/lib/npm"), { recursive: true, verbatimSymlinks: true });
  await symlink("../lib/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
  await copyFile(CERTIFICATES, join(root, CERTIFICATES));
};
