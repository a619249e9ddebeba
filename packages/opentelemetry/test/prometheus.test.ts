/** The metrics as Prometheus scrapes them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { CaromInstrumentation } from '@carom/opentelemetry';
import { expect, test } from '@jest/globals';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { ends } from './ends.js';

/** What a scrape of an endpoint gives, line by line. */
async function scraped(exporter: PrometheusExporter): Promise<readonly string[]> {
  const server = createServer((request, response) =>
    exporter.getMetricsRequestHandler(request, response),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { connection: 'close' },
  });
  return (await answer.text()).split('\n');
}

test('a scrape has the metrics, by datasource and operation', async () => {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const meterProvider = new MeterProvider({ readers: [exporter] });
  const instrumentation = new CaromInstrumentation({ traces: false });
  ends.push(registerInstrumentations({ meterProvider, instrumentations: [instrumentation] }));
  ends.push(
    () => instrumentation.disable(),
    () => meterProvider.shutdown(),
  );
  const clock = new ManualClock();
  const cushion = new Cushion('orders', { failures: 1, halfOpenAfter: 50 }, { clock });
  const strategy = createStrategy({ clock, cushion, jitter: false });
  let calls = 0;
  const shot = strategy.play({
    name: 'order.create',
    play: () => {
      calls += 1;
      if (calls === 1) throw Object.assign(new Error('a secret'), { code: 'ECONNRESET' });
      return 'done';
    },
  });
  await clock.advance(1_000);
  await shot;

  const lines = (await scraped(exporter)).filter((line) => !line.startsWith('#'));
  const figure = (name: string, ...labels: readonly string[]): string | undefined =>
    lines
      .find((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
      ?.split('} ')[1]
      ?.split(' ')[0];
  const where = ['db_operation_name="order.create"', 'carom_datasource="orders"'];
  expect(figure('carom_retry_attempts_total', ...where, 'error_type="ECONNRESET"')).toBe('1');
  expect(figure('carom_retry_delay_sum', ...where)).toBe('0.1');
  expect(figure('carom_retry_delay_bucket', ...where, 'le="0.1"')).toBe('1');
  expect(figure('carom_shot_outcomes_total', ...where, 'carom_outcome="completed"')).toBe('1');
  expect(figure('carom_circuit_opened_total', 'carom_datasource="orders"')).toBe('1');
  expect(figure('carom_circuit_state', 'carom_circuit_state="closed"')).toBe('1');
  expect(figure('carom_circuit_state', 'carom_circuit_state="open"')).toBe('0');
  expect(lines.join('\n')).not.toContain('secret');
});
