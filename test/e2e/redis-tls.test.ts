import { readFileSync } from "node:fs";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { startSystem } from "@muster/cli";
import { systemClock } from "@muster/core/service";
import { openStore } from "@muster/store";
import {
  freePort,
  makeTestCertificates,
  startTestCluster,
  startTestRedis,
  startTestSentinels,
  type TestCertificates,
  tlsArgs,
} from "@muster/store/testing";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { faultsOf, loadFor, NO_FAULTS } from "../support/system.ts";

const LIMIT_MS = 120_000;

let certificates: TestCertificates;
let others: TestCertificates;
const before = getCACertificates("default");
/** What the processes of a system are told by NODE_EXTRA_CA_CERTS, this one can only be told so. */
const trust = ({ ca }: TestCertificates) => setDefaultCACertificates([...before, readFileSync(ca, "utf8")]);
beforeAll(() => {
  certificates = makeTestCertificates();
  others = makeTestCertificates();
  trust(certificates);
});
afterAll(() => {
  setDefaultCACertificates(before);
  certificates?.remove();
  others?.remove();
});

/** A Redis that speaks TLS on a port of its own, with a certificate for localhost and 127.0.0.1. */
const startTlsRedis = async (served: TestCertificates) => {
  const port = await freePort();
  const redis = await startTestRedis({ args: tlsArgs(served, port) });
  onTestFinished(() => redis.stop());
  return port;
};

const matchesPlayers = async (redisUrl: string) => {
  const system = await startSystem({ redisUrl, env: { ...process.env, NODE_EXTRA_CA_CERTS: certificates.ca } });
  const report = await loadFor(system, 3_000, { queue: "duel" }).finally(() => system.stop());
  expect(faultsOf(report)).toEqual(NO_FAULTS);
  expect(report.matched).toBeGreaterThan(100);
};

describe("over TLS, by an authority of one's own, a whole system works with", { timeout: LIMIT_MS }, () => {
  it("a Redis that is named by a name", async () => {
    await matchesPlayers(`rediss://localhost:${await startTlsRedis(certificates)}`);
  });

  it("a Redis that is named by an address", async () => {
    await matchesPlayers(`rediss://127.0.0.1:${await startTlsRedis(certificates)}`);
  });

  it("a cluster", async () => {
    const cluster = await startTestCluster({ certificates });
    onTestFinished(() => cluster.stop());
    await matchesPlayers(cluster.url);
  });

  it("sentinels and the servers behind them, also after a fail-over", async () => {
    const sentinels = await startTestSentinels([], certificates);
    onTestFinished(() => sentinels.stop());
    await matchesPlayers(sentinels.url);
    const before = await sentinels.master();
    await before.kill();
    const master = () => sentinels.master().catch(() => before);
    await expect.poll(async () => (await master()).port, { timeout: 30_000 }).not.toBe(before.port);
    const store = await openStore({ url: sentinels.url, partition: "main", name: "test", clock: systemClock });
    onTestFinished(() => store.close());
    await store.ping();
  });

  it("no sentinel, and no server behind it, whose certificate is by an unknown authority", async () => {
    const sentinels = await startTestSentinels([], others);
    onTestFinished(() => sentinels.stop());
    const store = await openStore({ url: sentinels.url, partition: "main", name: "test", clock: systemClock });
    onTestFinished(() => store.close());
    await expect(store.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    trust(others);
    onTestFinished(() => trust(certificates));
    await expect.poll(() => store.ping().then(() => "there"), { timeout: 20_000 }).toBe("there");
  });
});

it("a Redis whose certificate is by an unknown authority is not used", { timeout: LIMIT_MS }, async () => {
  const url = `rediss://localhost:${await startTlsRedis(others)}`;
  const open = () => openStore({ url, partition: "main", name: "test", clock: systemClock });
  const refusing = await open();
  onTestFinished(() => refusing.close());
  await expect(refusing.ping()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  // It was for the certificate, and nothing else.
  trust(others);
  onTestFinished(() => trust(certificates));
  const trusting = await open();
  onTestFinished(() => trusting.close());
  await trusting.ping();
});
