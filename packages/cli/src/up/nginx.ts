import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { findProgram } from "./find-program.ts";
import { shippedFile } from "./roles.ts";
import { SystemError } from "./system-error.ts";

/** What nginx.conf needs to know of this deployment. Ports of services are on 127.0.0.1. */
export interface NginxDeployment {
  host: string;
  port: number;
  orchestrators: readonly number[];
  playservers: readonly number[];
  monitors: readonly number[];
}

const MOST_WORKERS = 4;
/** Three failures within a second rest a service for a second; short, because a service that restarts is soon back. */
const RESTS = "max_fails=3 fail_timeout=1s";
/** Why: at the upstream of playservers in nginx.conf. */
const NEVER_RESTS = "max_fails=0";

/** @throws SystemError when there is none */
export const findNginx = (env: NodeJS.ProcessEnv): string => {
  const program = findProgram(["nginx"], env);
  if (program === undefined) throw new SystemError("found no nginx. Install it (Debian: apt install nginx).");
  return program;
};

/**
 * The files that nginx.conf includes. All paths in them are relative to nginx's prefix, so that no odd character of a
 * folder's name can be taken for nginx's syntax.
 */
export const deploymentFiles = (deployment: NginxDeployment): Record<string, string> => {
  const { host, port } = deployment;
  const servers = (ports: readonly number[], rest: string) =>
    ports.map((each) => `server 127.0.0.1:${each} ${rest};\n`).join("");
  return {
    "main.conf": [
      "daemon off;",
      "pid nginx.pid;",
      "error_log stderr warn;",
      `worker_processes ${Math.min(MOST_WORKERS, availableParallelism())};\n`,
    ].join("\n"),
    "http.conf": [
      "access_log ../logs/nginx-access.log muster if=$muster_logged;",
      ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path tmp/${kind};`),
      "",
    ].join("\n"),
    "listen.conf": `listen ${isIPv6(host) ? `[${host}]` : host}:${port};\n`,
    "orchestrators.conf": servers(deployment.orchestrators, RESTS),
    "playservers.conf": servers(deployment.playservers, NEVER_RESTS),
    "monitor.conf": servers(deployment.monitors, RESTS),
  };
};

/** Writes nginx's prefix: a copy of nginx.conf with this deployment's files beside it. */
export const writeNginxFiles = async (prefix: string, deployment: NginxDeployment): Promise<void> => {
  await mkdir(join(prefix, "deployment"), { recursive: true });
  await mkdir(join(prefix, "tmp"), { recursive: true });
  await mkdir(join(dirname(prefix), "logs"), { recursive: true });
  const conf = join(prefix, "nginx.conf");
  await copyFile(shippedFile("nginx.conf"), conf);
  // The original may be read-only, as in a container's image; the next start must be able to replace the copy.
  await chmod(conf, 0o644);
  for (const [name, text] of Object.entries(deploymentFiles(deployment))) {
    await writeFile(join(prefix, "deployment", name), text);
  }
};

/** `-e`: until it has read its configuration, nginx would log to a file that only root may write. */
export const nginxArgs = (prefix: string): string[] => ["-e", "stderr", "-p", prefix, "-c", "nginx.conf"];
