import { createTracer } from "./create-tracer.ts";
import { createExporter, isTracingAsked } from "./exporter.ts";
import { noTracer, type Tracer } from "./tracer.ts";

/** A tracer, and the way to be rid of it. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends what is left, within a few seconds. */
  close(): Promise<void>;
}

/** For what is left at the end; whoever collects it may be away. */
const closeTimeoutMs = 3_000;

/**
 * Traces as the standard variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_EXPORTER`,
 * `OTEL_TRACES_SAMPLER`, `OTEL_RESOURCE_ATTRIBUTES`, …). Without them nothing is traced, and nothing
 * of OpenTelemetry is loaded.
 * @param service part of `service.name` where `OTEL_SERVICE_NAME` does not say it
 * @throws Error when they ask for an exporter that is not known
 */
export async function openTracing(
  service: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Tracing> {
  if (!isTracingAsked(env)) return { tracer: noTracer, close: async () => {} };
  const { BasicTracerProvider, BatchSpanProcessor, RandomIdGenerator } = await import(
    "@opentelemetry/sdk-trace-base"
  );
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    "@opentelemetry/resources"
  );
  const processor = new BatchSpanProcessor(await createExporter(env));
  const resource = defaultResource()
    .merge(resourceFromAttributes({ "service.name": `adaedl-${service}` }))
    .merge(detectResources({ detectors: [envDetector] }));
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  const scope = { name: "adaedl" };
  return {
    tracer: createTracer({
      api: await import("@opentelemetry/api"),
      otel: provider.getTracer(scope.name),
      processor,
      ids: new RandomIdGenerator(),
      origin: { resource, instrumentationScope: scope },
      followsParents: followsParents(env),
    }),
    async close() {
      const flushed = provider.shutdown().catch(() => {}); // nobody is there to be told
      let timer: NodeJS.Timeout | undefined;
      const timeIsUp = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, closeTimeoutMs);
      });
      await Promise.race([flushed, timeIsUp]);
      clearTimeout(timer);
    },
  };
}

/** Those of OpenTelemetry's samplers that take no notice of parents; any other word means one that does. */
const samplersOfTheirOwn = ["always_on", "always_off", "traceidratio"];

function followsParents({ OTEL_TRACES_SAMPLER: sampler = "" }: NodeJS.ProcessEnv): boolean {
  return !samplersOfTheirOwn.includes(sampler.trim());
}
