import { expect, it, onTestFinished } from "vitest";
import { startCollector } from "../testing/collector.ts";
import { silentLogger } from "./logger.ts";
import { openTracing, traceOf } from "./tracing.ts";

const collect = async () => {
  const collector = await startCollector();
  onTestFinished(() => collector.close());
  return collector;
};

const open = async (role: string, endpoint: string, share = "1") => {
  const tracing = await openTracing(
    { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share },
    { role, name: `${role}-1`, log: silentLogger },
  );
  if (!tracing) throw new Error("it is not open");
  return tracing;
};

it("is not there without an endpoint", async () => {
  const none = { OTEL_TRACES_SAMPLER_ARG: "1" };
  expect(await openTracing(none, { role: "mover", name: "mover-1", log: silentLogger })).toBeUndefined();
});

it("puts the steps that services tell of a ticket into one trace, below the enqueue, which links to who asked", async () => {
  const { url, spans, services } = await collect();
  const [orchestrator, mover] = [await open("orchestrator", url), await open("mover", url)];
  const since = orchestrator.now() - 5;
  orchestrator.step("t_1", "enqueue", since, { "muster.queue": "duel" }, `00-${"a".repeat(32)}-${"b".repeat(16)}-01`);
  mover.step("t_1", "commit", mover.now() - 1);
  mover.step("t_2", "commit", mover.now());
  await Promise.all([orchestrator.close(), mover.close()]);

  const { traceId, rootId } = traceOf("t_1");
  const [enqueue, commit] = ["enqueue", "commit"].map((step) =>
    spans.find((span) => span.name === step && span.traceId === traceId),
  );
  expect(enqueue).toMatchObject({ spanId: rootId, links: [{ traceId: "a".repeat(32), spanId: "b".repeat(16) }] });
  expect(enqueue?.parentSpanId ?? "").toBe("");
  expect(Number(enqueue?.endTimeUnixNano) - Number(enqueue?.startTimeUnixNano)).toBeGreaterThanOrEqual(4.9e6);
  expect(commit).toMatchObject({ parentSpanId: rootId });
  expect(commit?.spanId).not.toBe(rootId);
  expect(spans).toHaveLength(3);
  expect([...services].sort()).toEqual(["muster-mover", "muster-orchestrator"]);
});

it("traces the same share of the tickets in every service", async () => {
  const { url, spans } = await collect();
  const [orchestrator, mover] = [await open("orchestrator", url, "0.25"), await open("mover", url, "0.25")];
  for (let n = 0; n < 400; n++) {
    orchestrator.step(`t_${n}`, "enqueue", orchestrator.now());
    mover.step(`t_${n}`, "commit", mover.now());
  }
  await Promise.all([orchestrator.close(), mover.close()]);
  const tracesOf = (step: string) => spans.flatMap(({ name, traceId }) => (name === step ? [traceId] : [])).sort();
  expect(tracesOf("commit")).toEqual(tracesOf("enqueue"));
  // The ids are fixed, so this is no matter of chance.
  expect(tracesOf("commit").length).toBeGreaterThan(60);
  expect(tracesOf("commit").length).toBeLessThan(140);
});

it("ignores what is no traceparent, and stops without its collector", async () => {
  const { url, spans } = await collect();
  const here = await open("orchestrator", url);
  here.step("t_1", "enqueue", here.now(), {}, "00-nonsense");
  await here.close();
  expect(spans.map(({ links = [] }) => links)).toEqual([[]]);
  const gone = await open("mover", "http://127.0.0.1:9");
  gone.step("t_1", "commit", gone.now());
  await gone.close();
});
