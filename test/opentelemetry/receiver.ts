/** An OTLP receiver: takes what exporters send over HTTP as JSON, and keeps it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

type Value = {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
};
type KeyValue = { readonly key: string; readonly value: Value };

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly status: { readonly code?: number };
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
}

/** A point of a metric as it arrived. */
export interface ReceivedPoint {
  readonly scope: string;
  readonly metric: string;
  readonly unit: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value: number | undefined;
  readonly count: number | undefined;
}

const plain = (attributes: readonly KeyValue[] = []): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? (intValue === undefined ? doubleValue : Number(intValue)),
    ]),
  );

// biome-ignore lint/suspicious/noExplicitAny: JSON of the protocol, read as far as the tests go
type Json = any;

/** Listens on a port of its own. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly points: ReceivedPoint[] = [];
  /** All bodies, as they came. */
  readonly bodies: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        this.bodies.push(body);
        this.#take(JSON.parse(body));
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
  }

  static async listen(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take({ resourceSpans = [], resourceMetrics = [] }: Json): void {
    for (const { scope, spans } of resourceSpans.flatMap((one: Json) => one.scopeSpans)) {
      for (const { attributes, events = [], ...span } of spans) {
        this.spans.push({
          ...span,
          scope: scope.name,
          attributes: plain(attributes),
          events: events.map((event: Json) => ({
            name: event.name,
            attributes: plain(event.attributes),
          })),
        });
      }
    }
    for (const { scope, metrics } of resourceMetrics.flatMap((one: Json) => one.scopeMetrics)) {
      for (const { name: metric, unit, sum, gauge, histogram } of metrics) {
        for (const point of (sum ?? gauge ?? histogram).dataPoints) {
          const { asInt, asDouble, count, attributes } = point;
          this.points.push({
            ...{ scope: scope.name, metric, unit, attributes: plain(attributes) },
            value: asInt === undefined ? asDouble : Number(asInt),
            count: count === undefined ? undefined : Number(count),
          });
        }
      }
    }
  }
}
