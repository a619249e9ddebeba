/** A program with the instrumentations of pg, Knex and Prisma beside Carom's: a query of each, whose first attempt fails. */
import { createRequire } from 'node:module';
import { CaromInstrumentation } from '@carom/opentelemetry';
import { trace } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { KnexInstrumentation } from '@opentelemetry/instrumentation-knex';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { PrismaInstrumentation } from '@prisma/instrumentation';

const { url, config } = JSON.parse(process.argv[2] ?? '{}');

const tracerProvider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` }))],
});
tracerProvider.register();
const meterProvider = new MeterProvider({
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${url}/v1/metrics` }),
      exportIntervalMillis: 600_000,
    }),
  ],
});
const instrumentations = [
  new CaromInstrumentation(),
  new PgInstrumentation(),
  new KnexInstrumentation(),
  new PrismaInstrumentation(),
];
registerInstrumentations({ tracerProvider, meterProvider, instrumentations });

// Only now: instrumentations patch what is required after them.
const require = createRequire(import.meta.url);
const pg: typeof import('pg') = require('pg');
const knex: typeof import('knex').default = require('knex');
const { wrapPool } = await import('@carom/pg');
const { wrapKnex } = await import('@carom/knex');
const { caromStrategy } = await import('@carom/prisma');
const { PrismaPg } = await import('@prisma/adapter-pg');
const { PrismaClient } = await import('../../prisma/generated/client.js');

const within = (name: string, work: () => Promise<unknown>): Promise<unknown> =>
  trace.getTracer('program').startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });

const pool = wrapPool(new pg.Pool(config), { datasource: 'by-pg' });
await within('by pg', () => pool.query('SELECT flaky($1)', ['a secret value']));
await pool.end();

const db = wrapKnex(knex({ client: 'pg', connection: config }), { datasource: 'by-knex' });
await within('by knex', async () => await db.raw('SELECT flaky(?)', ['a secret value']));
await db.destroy();

const prisma = new PrismaClient({ adapter: new PrismaPg(config) }).$extends(
  caromStrategy({ datasource: 'by-prisma' }),
);
await within(
  'by prisma',
  async () => await prisma.$queryRawUnsafe('SELECT flaky($1)', 'a secret value'),
);
await prisma.$disconnect();

await tracerProvider.shutdown();
await meterProvider.shutdown();
