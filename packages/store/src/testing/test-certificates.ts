import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An authority of a test's own, and a server's certificate by it for localhost and 127.0.0.1. */
export interface TestCertificates {
  /** Files in PEM. */
  ca: string;
  certificate: string;
  key: string;
  remove(): void;
}

/** A server's settings with which it speaks TLS on that port too. */
export const tlsArgs = ({ ca, certificate, key }: TestCertificates, port: number): string[] => [
  ...["--tls-port", String(port), "--tls-cert-file", certificate, "--tls-key-file", key],
  ...["--tls-ca-cert-file", ca, "--tls-auth-clients", "no"],
];

export const makeTestCertificates = (): TestCertificates => {
  const folder = mkdtempSync(join(tmpdir(), "muster-certificates-"));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "2",
    "-subj",
    "/CN=ca",
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.pem"),
  );
  openssl("req", ...newKey, "-subj", "/CN=redis", "-keyout", file("redis.key"), "-out", file("redis.csr"));
  writeFileSync(file("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const signing = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-extfile", file("names")];
  openssl("x509", "-req", "-days", "2", "-in", file("redis.csr"), ...signing, "-out", file("redis.pem"));
  return {
    ...{ ca: file("ca.pem"), certificate: file("redis.pem"), key: file("redis.key") },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
