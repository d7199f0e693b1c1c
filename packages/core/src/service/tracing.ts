import { createHash } from "node:crypto";
import { type Static, Type } from "typebox";
import type { Logger } from "./logger.ts";
import { VERSION } from "./version.ts";

/** The settings of traces, by the names that OpenTelemetry gives them. Without an endpoint nothing is traced. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({ pattern: "^https?://", description: "Collector that takes OTLP over HTTP; spans go to /v1/traces." }),
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.String({
    default: "1",
    pattern: "^(0|1|0?\\.[0-9]+)$",
    description: "Share of the tickets that are traced, 0 to 1.",
  }),
};

const settings = Type.Object(tracingSettings);
export type TracingConfig = Readonly<Static<typeof settings>>;

/** The steps of a ticket's way; each is a span of the ticket's trace, the first one its root. */
export type TraceStep = "enqueue" | "search" | "commit" | "notify";

/**
 * Spans of tickets' ways through the services.
 *
 * A ticket's trace id follows from the ticket's id. So a job that carries tickets carries their traces, the sweeper and a
 * mover that takes over continue them, a state that names its ticket names its trace, and nothing is kept or sent for
 * traces but the spans themselves. All services sample the same tickets, since that follows from the trace id as well.
 */
export interface Tracing {
  /** Now, ms since the epoch with fractions: for `since`. */
  now(): number;
  /**
   * Tells of a step that is over now.
   *
   * @param since when it began, by `now`
   * @param caller `traceparent` of who asked for it: the spans are linked. What isn't one is ignored.
   */
  step(
    ticket: string,
    step: TraceStep,
    since: number,
    attributes?: Readonly<Record<string, string | number>>,
    caller?: string,
  ): void;
  /** Sends what is left, a second at most. */
  close(): Promise<void>;
}

const CLOSE_LIMIT_MS = 1_000;
/** Spans that wait to be sent; more are dropped, so that a slow collector costs no memory. */
const QUEUED_MOST = 8_192;
const SENT_TOGETHER_MOST = 512;
const SEND_EVERY_MS = 1_000;

/** Version 00 of W3C's Trace Context. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export const traceOf = (ticket: string): { traceId: string; rootId: string } => {
  const digest = createHash("sha256").update(ticket).digest("hex");
  return { traceId: digest.slice(0, 32), rootId: digest.slice(32, 48) };
};

/** @returns undefined where nothing is traced; OpenTelemetry isn't even loaded then */
export const openTracing = async (
  { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: share }: TracingConfig,
  { role, name, log }: { role: string; name: string; log: Pick<Logger, "warn"> },
): Promise<Tracing | undefined> => {
  if (endpoint === undefined) return undefined;
  const [{ diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, TraceFlags, trace }, sdk, { OTLPTraceExporter }, resources] =
    await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/sdk-trace"),
      import("@opentelemetry/exporter-trace-otlp-http"),
      import("@opentelemetry/resources"),
    ]);
  const warn = (text: string) => log.warn({ trouble: text }, "traces can't be sent");
  const silent = () => {};
  diag.setLogger({ error: warn, warn, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);

  /** The ids of the span that is begun next. */
  let next = { traceId: "", spanId: "" };
  const random = new sdk.RandomIdGenerator();
  const processor = new sdk.BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` }),
    maxQueueSize: QUEUED_MOST,
    maxExportBatchSize: SENT_TOGETHER_MOST,
    scheduledDelayMillis: SEND_EVERY_MS,
  });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      "service.namespace": "muster",
      "service.name": `muster-${role}`,
      "service.instance.id": name,
      "service.version": VERSION,
    }),
    // By the trace id alone, whoever begins the span.
    sampler: new sdk.TraceIdRatioBasedSampler(Number(share)),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer("muster", VERSION);
  const now = () => performance.timeOrigin + performance.now();
  return {
    now,
    step(ticket, step, since, attributes = {}, caller = "") {
      const { traceId, rootId } = traceOf(ticket);
      const isRoot = step === "enqueue";
      next = { traceId, spanId: isRoot ? rootId : random.generateSpanId() };
      const [, callerTrace, callerSpan, flags] = TRACEPARENT.exec(caller) ?? [];
      const span = tracer.startSpan(
        step,
        {
          root: isRoot,
          kind: isRoot ? SpanKind.SERVER : step === "notify" ? SpanKind.PRODUCER : SpanKind.CONSUMER,
          startTime: toHrTime(since),
          attributes: { "muster.ticket": ticket, ...attributes },
          ...(callerTrace &&
            callerSpan && {
              links: [
                {
                  context: { traceId: callerTrace, spanId: callerSpan, traceFlags: Number.parseInt(flags ?? "0", 16) },
                },
              ],
            }),
        },
        isRoot
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              ...{ traceId, spanId: rootId, isRemote: true },
              traceFlags: TraceFlags.SAMPLED,
            }),
      );
      span.end(toHrTime(now()));
    },
    async close() {
      // A collector that is gone keeps nothing from stopping.
      await Promise.race([
        provider.shutdown().catch(() => {}),
        new Promise((over) => setTimeout(over, CLOSE_LIMIT_MS).unref()),
      ]);
    },
  };
};

/** Told as a number, a time is taken for one since the start of the process where it is small. */
const toHrTime = (ms: number): [number, number] => {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
};
