import { expect, it } from "vitest";
import { isLoopback, requireSafeHost } from "./safe-host.ts";

const config = { MUSTER_HOST: "127.0.0.1", MUSTER_OPEN: "off" } as const;

it("lets nobody in from elsewhere by oversight, and says the ways out", () => {
  expect(() => requireSafeHost({ ...config, MUSTER_HOST: "0.0.0.0" })).toThrow(
    /MUSTER_HOST: is 0\.0\.0\.0.*muster keys create.*MUSTER_KEYS.*127\.0\.0\.1.*MUSTER_OPEN=on/,
  );
});

it("lets them in with keys, or when that is wanted", () => {
  requireSafeHost(config);
  requireSafeHost({ ...config, MUSTER_HOST: "0.0.0.0", MUSTER_KEYS: "keys.json" });
  requireSafeHost({ ...config, MUSTER_HOST: "::", MUSTER_OPEN: "on" });
});

it.each([
  ["127.0.0.1", true],
  ["127.8.0.1", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["10.0.0.1", false],
  ["127.evil.example", false],
])("takes %s for loopback: %s", (host, loopback) => {
  expect(isLoopback(host)).toBe(loopback);
});
