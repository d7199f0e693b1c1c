import { archiver } from "@muster/archiver";
import { matchmaker } from "@muster/matchmaker";
import { monitor } from "@muster/monitor";
import { mover } from "@muster/mover";
import { orchestrator, sweeper } from "@muster/orchestrator";
import { playserver } from "@muster/playserver";
import { webhooks } from "@muster/webhooks";
import { expect, it } from "vitest";
import { SERVICE_ROLES } from "./roles.ts";

const services = [orchestrator, sweeper, matchmaker, mover, playserver, monitor, webhooks, archiver];
/** What two of them can't do without. */
const needed = { MUSTER_WEBHOOKS: "hooks.json", MUSTER_WEBHOOK_SECRETS: "{}", DATABASE_URL: "postgres://db/muster" };

it("are asked for by every role", () => {
  expect(services.map(({ role }) => role).toSorted()).toEqual([...SERVICE_ROLES].toSorted());
});

it.each(services.map((service) => [service.role, service] as const))(
  "keep a %s from listening where other machines come in, unless there are keys or that is wanted",
  (_, { readConfig }) => {
    const open = { ...needed, MUSTER_HOST: "0.0.0.0" };
    expect(() => readConfig(open)).toThrow(/MUSTER_HOST: is 0\.0\.0\.0.*MUSTER_KEYS.*MUSTER_OPEN=on/);
    expect(readConfig({ ...open, MUSTER_OPEN: "on" }).MUSTER_HOST).toBe("0.0.0.0");
    expect(readConfig({ ...open, MUSTER_KEYS: "keys.json" }).MUSTER_HOST).toBe("0.0.0.0");
    expect(readConfig(needed).MUSTER_HOST).toBe("127.0.0.1");
  },
);
