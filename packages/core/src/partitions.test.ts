import { describe, expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { idIn, isId, partitionOfId } from "./ids.ts";
import { parseQueues } from "./parse-queues.ts";
import { idsIn, partitionsOf } from "./partitions.ts";
import { servedPartitions } from "./service/served-partitions.ts";
import { systemIds } from "./service/system.ts";

const duel = {
  ...{ teams: { count: 2, size: 1 }, maxPartySize: 1, steps: [{ fromTry: 0 }], maxWaiting: 100 },
  ...{ retryEveryMs: 1_000, expireAfterMs: 60_000, matchLengthMs: 60_000 },
};
const read = (places: Record<string, string | undefined>, home?: string) =>
  parseQueues(
    { queues: Object.fromEntries(Object.entries(places).map(([name, partition]) => [name, { ...duel, partition }])) },
    "queues.json",
    home,
  );
const places = { duel: undefined, ranked: "eu", raid: "eu", arena: "us" };

describe("partitions", () => {
  it("are told with their queues, the deployment's own one first", () => {
    const byPartition = partitionsOf(read(places), "main");
    expect([...byPartition].map(([name, queues]) => [name, [...queues.keys()]])).toEqual([
      ["main", ["duel"]],
      ["eu", ["ranked", "raid"]],
      ["us", ["arena"]],
    ]);
  });

  it("make no difference to a queue that names the deployment's own", () => {
    const queues = read({ duel: "eu", ranked: undefined }, "eu");
    expect(queues.get("duel")).toEqual({ ...queues.get("ranked"), name: "duel" });
  });

  it("are refused when none is the deployment's own: nobody could be where those are who were never anywhere", () => {
    expect(() => read({ duel: "eu", ranked: "us" })).toThrow(/eu, us.*"main": set MUSTER_PARTITION/s);
  });

  it("may be served in part, as far as the queues file has them", () => {
    const settings = (MUSTER_PARTITIONS?: string) => ({ MUSTER_PARTITION: "main", MUSTER_PARTITIONS });
    expect([...servedPartitions(read(places), settings("us,main")).keys()]).toEqual(["main", "us"]);
    expect([...servedPartitions(read(places), settings()).keys()]).toEqual(["main", "eu", "us"]);
    expect(() => servedPartitions(read(places), settings("us,asia"))).toThrow(ConfigError);
  });
});

describe("the id of a ticket or match", () => {
  it("names its partition, unless that is the deployment's own", () => {
    const ids = idsIn(systemIds, "eu");
    expect([ids.ticket(), ids.match()].map(partitionOfId)).toEqual(["eu", "eu"]);
    expect([systemIds.ticket(), systemIds.match(), "t_k.x y", "ann", "t_Eu.1"].map(partitionOfId)).toEqual(
      Array(5).fill(undefined).with(2, "k"),
    );
  });

  it("is an id with the longest of names", () => {
    expect(isId(idIn("p".repeat(32), `t_${"x".repeat(29)}`))).toBe(true);
  });
});
