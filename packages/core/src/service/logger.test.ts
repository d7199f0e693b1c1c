import { expect, it } from "vitest";
import { createLogger } from "./logger.ts";

const logged = (entry: object): string => {
  const lines: string[] = [];
  createLogger("orchestrator", "orchestrator-1", "info", { write: (line) => void lines.push(line) }).info(entry, "x");
  return lines.join("");
};

it.each([
  "authorization",
  "sec-websocket-protocol",
  "idempotency-key",
  "x-muster-admin-key",
  "cookie",
  "password",
  "secret",
  "token",
  "credential",
  "apiKey",
  "adminKey",
  "privateKey",
])("tells no %s, wherever it stands in an entry", (name) => {
  const held = { [name]: "hunter2", other: "kept" };
  for (const entry of [held, { headers: held }, { request: { headers: held } }]) {
    const line = logged(entry);
    expect(line).not.toContain("hunter2");
    expect(line).toContain("kept");
    expect(JSON.parse(line)).toMatchObject({ role: "orchestrator", name: "orchestrator-1", msg: "x" });
  }
});

it("tells of a failed command which it was, not what it was given", () => {
  const error = Object.assign(new Error("WRONGPASS"), { command: { name: "auth", args: ["muster", "hunter2"] } });
  const line = logged({ err: error });
  expect(line).not.toContain("hunter2");
  expect(JSON.parse(line).err).toMatchObject({ message: "WRONGPASS", command: { name: "auth" } });
});

it("tells an address without what its parameters hold", () => {
  const { url } = JSON.parse(logged({ url: "/v1/play?player=ann&token=hunter2#x=1" }));
  expect(url).toBe("/v1/play?player=[Redacted]&token=[Redacted]");
  expect(JSON.parse(logged({ url: "/v1/queues" })).url).toBe("/v1/queues");
});
