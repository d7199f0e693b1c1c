import { expect, it } from "vitest";
import { parseRedisUrl, withoutLogin } from "./redis-url.ts";

it.each([
  ["redis://localhost", { kind: "single", hosts: [{ host: "localhost", port: 6_379 }], tls: false, db: 0 }],
  [
    "rediss://:p%40ss@[::1]:7000/2",
    { kind: "single", hosts: [{ host: "::1", port: 7_000 }], tls: true, db: 2, password: "p@ss" },
  ],
  [
    "redis-sentinel://muster:secret@a:1,b/games/3",
    {
      ...{ kind: "sentinel", tls: false, db: 3, master: "games", username: "muster", password: "secret" },
      hosts: [
        { host: "a", port: 1 },
        { host: "b", port: 26_379 },
      ],
    },
  ],
  [
    "rediss-cluster://10.0.0.1:7000,10.0.0.2:7001",
    {
      ...{ kind: "cluster", tls: true, db: 0 },
      hosts: [
        { host: "10.0.0.1", port: 7_000 },
        { host: "10.0.0.2", port: 7_001 },
      ],
    },
  ],
])("reads %s", (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});

it.each([
  "http://localhost",
  "redis://",
  "redis://a:1,b:2",
  "redis://a:99999",
  "redis://a/x",
  "redis-sentinel://a:1",
  "redis-cluster://a:1/2",
])("refuses %s", (url) => {
  expect(parseRedisUrl(url)).toBeUndefined();
});

it("shows no password", () => {
  expect(withoutLogin("redis-sentinel://me:secret@a,b/m")).toBe("redis-sentinel://a,b/m");
  expect(withoutLogin("redis://a")).toBe("redis://a");
});
