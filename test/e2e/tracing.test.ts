import { type RunningSystem, startSystem } from "@muster/cli";
import { traceOf } from "@muster/core/service";
import { type Collector, startCollector } from "@muster/core/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openRealm } from "../support/realm.ts";

let collector: Collector;
let system: RunningSystem;
beforeAll(async () => {
  collector = await startCollector();
  system = await startSystem({ env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
});
afterAll(async () => {
  await system?.stop();
  collector?.close();
});

it("a ticket's way through the services is one trace, from the call to its player's being told", async () => {
  const realm = await openRealm(system.url);
  realm.client.watch(["ann", "bob"]);
  const caller = { trace: "c".repeat(32), span: "d".repeat(16) };
  const tickets = await Promise.all(
    ["ann", "bob"].map(async (id) => {
      const answer = await fetch(`${system.url}/v1/queues/duel/tickets`, {
        method: "POST",
        headers: { "content-type": "application/json", traceparent: `00-${caller.trace}-${caller.span}-01` },
        body: JSON.stringify({ players: [{ id, elo: 1_200 }] }),
      });
      return (await answer.json()) as { id: string };
    }),
  );
  await realm.until(["ann", "bob"], "inmatch");
  await realm.close();

  for (const { id } of tickets) {
    const { traceId, rootId } = traceOf(id);
    const steps = () => new Set(collector.spans.filter((span) => span.traceId === traceId).map(({ name }) => name));
    const all = ["commit", "enqueue", "notify"];
    // The one that came second was matched by the search for the other, or by its own.
    await expect.poll(() => all.filter((step) => !steps().has(step)), { timeout: 15_000 }).toEqual([]);
    for (const { name, spanId, parentSpanId = "", links = [] } of collector.spans) {
      if (name === "enqueue" && spanId === rootId) {
        expect(links).toMatchObject([{ traceId: caller.trace, spanId: caller.span }]);
        expect(parentSpanId).toBe("");
      }
    }
    const below = collector.spans.filter((span) => span.traceId === traceId && span.name !== "enqueue");
    expect(new Set(below.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([rootId]));
  }
  const searched = collector.spans.filter(({ name }) => name === "search").map(({ traceId }) => traceId);
  expect(tickets.some(({ id }) => searched.includes(traceOf(id).traceId))).toBe(true);
  for (const role of ["orchestrator", "matchmaker", "mover", "playserver"]) {
    expect(collector.services).toContain(`muster-${role}`);
  }
}, 60_000);
