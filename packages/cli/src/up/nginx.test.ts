import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { deploymentFiles, findNginx, nginxArgs, writeNginxFiles } from "./nginx.ts";

const deployment = {
  host: "127.0.0.1",
  port: 8080,
  orchestrators: [7400, 7401],
  playservers: [7407],
  monitors: [7409],
};

describe("nginx's files", () => {
  it("name each server that a route can lead to", () => {
    const files = deploymentFiles(deployment);
    expect(files["listen.conf"]).toBe("listen 127.0.0.1:8080;\n");
    expect(files["orchestrators.conf"]).toBe(
      "server 127.0.0.1:7400 max_fails=3 fail_timeout=1s;\nserver 127.0.0.1:7401 max_fails=3 fail_timeout=1s;\n",
    );
    expect(files["playservers.conf"]).toBe("server 127.0.0.1:7407 max_fails=0;\n");
    expect(files["monitor.conf"]).toContain("127.0.0.1:7409");
    expect(deploymentFiles({ ...deployment, host: "::" })["listen.conf"]).toBe("listen [::]:8080;\n");
  });

  it("are what nginx accepts, in a folder of any name", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'muster "$x; {'));
    const prefix = join(folder, "nginx");
    await writeNginxFiles(prefix, deployment);
    const { stderr } = await promisify(execFile)(findNginx(process.env), [...nginxArgs(prefix), "-t"]);
    expect(stderr).toContain("test is successful");
    expect(stderr).not.toContain("warn");
    rmSync(folder, { recursive: true });
  });
});
