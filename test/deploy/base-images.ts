import { chmod, chown, copyFile, cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { call } from "./engine.ts";

/** Of the images that the Dockerfile and the compose file begin with. */
export interface BaseImages {
  node: string;
  redis: string;
  nginx: string;
}

const OFFICIAL: BaseImages = {
  node: "node:24-bookworm-slim",
  redis: "redis:7.4-bookworm",
  nginx: "nginx:1.28-bookworm",
};
/** Made once for each version of Node. */
const STAND_IN = `muster-stand-in:node-${process.versions.node}`;
const PULL_LIMIT_MS = 120_000;
const DEBOOTSTRAP_LIMIT_MS = 300_000;
/** Whom /data belongs to in the official Redis image. */
const REDIS_USER = 999;
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The official images, or where no registry can be reached a Debian with the same programs in their place. */
export const prepareBaseImages = async (): Promise<BaseImages> => {
  try {
    for (const image of Object.values(OFFICIAL))
      await call("docker", ["pull", "-q", image], { timeoutMs: PULL_LIMIT_MS });
    return OFFICIAL;
  } catch {
    console.log("No registry can be reached: a Debian of this machine's packages stands in for the base images.");
    if ((await call("docker", ["images", "-q", STAND_IN])) === "") await makeStandIn();
    return { node: STAND_IN, redis: STAND_IN, nginx: STAND_IN };
  }
};

const makeStandIn = async (): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), "muster-debian-"));
  try {
    const include = "--include=ca-certificates,redis-server,nginx";
    await call("debootstrap", ["--variant=minbase", include, "bookworm", root], { timeoutMs: DEBOOTSTRAP_LIMIT_MS });
    // The project's own Node 24, and the npm of this machine.
    const node = join(root, "usr/local/bin/node");
    await copyFile(process.execPath, node);
    await chmod(node, 0o755);
    const npm = dirname(dirname(await realpath(await call("which", ["npm"]))));
    await cp(npm, join(root, "usr/local/lib/npm"), { recursive: true, verbatimSymlinks: true });
    await symlink("../lib/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
    await copyFile(CERTIFICATES, join(root, CERTIFICATES));
    await mkdir(join(root, "data"));
    await chown(join(root, "data"), REDIS_USER, REDIS_USER);
    const archive = `${root}.tar`;
    try {
      await call("tar", ["-C", root, "-cf", archive, "."]);
      const settings = [`ENV PATH=${PATH}`, `ENV NODE_EXTRA_CA_CERTS=${CERTIFICATES}`];
      await call("docker", ["import", ...settings.flatMap((line) => ["--change", line]), archive, STAND_IN]);
    } finally {
      await rm(archive, { force: true });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};
