import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

/** So many spans wait to be sent; more are dropped, for a collector that is down must not fill the memory. */
const spansMax = 4_096;
/** How long one batch may take, in ms. */
const exportMaxMs = 10_000;

/**
 * Sends spans to a collector by OTLP over HTTP. `endpoint` is the collector's
 * address as `OTEL_EXPORTER_OTLP_ENDPOINT` has it, without `/v1/traces`.
 * Returns the way to stop, which sends what is left.
 */
export function exportSpans(endpoint: string, version: string): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: exportMaxMs });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "offhook", "service.version": version }),
    spanProcessors: [
      new BatchSpanProcessor({ exporter, maxQueueSize: spansMax, exportTimeoutMillis: exportMaxMs }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  return async () => {
    trace.disable();
    await provider.shutdown();
  };
}
