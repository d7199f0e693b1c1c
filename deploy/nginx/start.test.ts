import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

/** start.sh as a container runs it, but with a nginx that only tells its version and how it was called. */
const HERE = import.meta.dirname;

const start = async (version: string, { tls = false, env = {} }: { tls?: boolean; env?: NodeJS.ProcessEnv } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), "muster-start-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [from, bin] = [join(folder, "etc"), join(folder, "bin")];
  for (const each of [join(from, "deployment"), bin, ...(tls ? [join(from, "tls")] : [])])
    await mkdir(each, { recursive: true });
  await copyFile(join(HERE, "../../nginx.conf"), join(from, "nginx.conf"));
  for (const file of await readdir(HERE)) await copyFile(join(HERE, file), join(from, "deployment", file));
  const nginx = `#!/bin/sh\n[ "$1" = -v ] && echo "nginx version: nginx/${version}" >&2 || echo "$@"\n`;
  await writeFile(join(bin, "nginx"), nginx);
  await chmod(join(bin, "nginx"), 0o755);
  const { stdout } = await promisify(execFile)("sh", [join(from, "deployment/start.sh")], {
    env: { PATH: `${bin}:${process.env.PATH}`, TMPDIR: folder, ...env },
  });
  const written = (file: string) => readFile(join(folder, "nginx", file), "utf8");
  return { calledWith: stdout.trim(), folder, written };
};

it("becomes nginx, with a copy of what is mounted", async () => {
  const { calledWith, folder, written } = await start("1.22.1");
  expect(calledWith).toBe(`-e stderr -p /tmp -c ${folder}/nginx/nginx.conf`);
  expect(await written("nginx.conf")).toBe(await readFile(join(HERE, "../../nginx.conf"), "utf8"));
  expect(await written("deployment/main.conf")).toBe(await readFile(join(HERE, "main.conf"), "utf8"));
});

it.each(["1.27.3", "1.28.0", "1.30.6", "2.0.0"])("lets nginx %s look by itself who is there", async (version) => {
  const { written } = await start(version);
  for (const services of ["orchestrators", "playservers", "monitor"])
    expect(await written(`deployment/${services}.conf`)).toMatch(/^server \w+:7400 .* resolve;$/m);
  expect(await written("deployment/http.conf")).toMatch(/^resolver \S+ valid=2s ipv6=off;$/m);
});

it.each(["1.22.1", "1.27.2", "1.26.30"])("keeps from nginx %s what it doesn't know", async (version) => {
  const { written } = await start(version);
  for (const file of ["orchestrators", "playservers", "monitor", "http"])
    expect(await written(`deployment/${file}.conf`)).not.toContain("resolve");
});

it.each([
  ["1.22.1", false, "listen 8081;\nlisten 8080;\n"],
  ["1.25.0", true, "listen 8081;\nlisten 8080 ssl http2;\nssl_certificate "],
  ["1.25.1", true, "listen 8081;\nlisten 8080 ssl; http2 on;\nssl_certificate "],
])("of nginx %s, with a certificate: %s, services keep a port without TLS", async (version, tls, lines) => {
  const { written } = await start(version, { tls });
  expect((await written("deployment/listen.conf")).slice(0, lines.length)).toBe(lines);
});

const keys = { MUSTER_KEYS: "/etc/muster/keys.json" };

it.each([
  { MUSTER_BIND: "0.0.0.0" },
  { MUSTER_BIND: "192.0.2.7", MUSTER_OPEN: "off" },
  { MUSTER_BIND: "::", MUSTER_KEYS: "" },
])("refuses %o, and says what to do", async (env) => {
  await expect(start("1.28.0", { env })).rejects.toMatchObject({
    code: 78,
    stderr: expect.stringMatching(/MUSTER_BIND: is .*muster keys create.*MUSTER_KEYS.*127\.0\.0\.1.*MUSTER_OPEN=on/),
  });
});

it.each([
  { MUSTER_BIND: "127.0.0.1" },
  { MUSTER_BIND: "::1" },
  { MUSTER_BIND: "0.0.0.0", ...keys },
  { MUSTER_BIND: "0.0.0.0", MUSTER_OPEN: "on" },
])("starts with %o", async (env) => {
  expect((await start("1.28.0", { env })).calledWith).not.toBe("");
});
