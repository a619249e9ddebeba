/** What arrives at an OTLP receiver from a program that uses all three adapters, and their own instrumentations. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OtlpReceiver, type ReceivedSpan } from './receiver.js';

let cluster: Cluster;
let receiver: OtlpReceiver;

beforeAll(async () => {
  cluster = await startCluster();
  receiver = await OtlpReceiver.listen();
  // A sequence goes on counting when its transaction is undone: every other call fails.
  await cluster.primary.query(`CREATE SEQUENCE calls;
    CREATE FUNCTION flaky(value text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('calls') % 2 = 1 THEN RAISE EXCEPTION '%', value USING ERRCODE = '40001'; END IF;
      RETURN value;
    END $$`);
  const program = fileURLToPath(new URL('program.ts', import.meta.url));
  const given = JSON.stringify({ url: receiver.url, config: cluster.primary.config });
  const flags = ['--conditions=@carom/source', '--import', 'tsx'];
  await promisify(execFile)(process.execPath, [...flags, program, given], { timeout: 50_000 });
}, 90_000);
afterAll(async () => {
  await receiver?.close();
  await cluster?.stop();
}, 60_000);

const children = (of: ReceivedSpan | undefined): readonly ReceivedSpan[] =>
  receiver.spans.filter(({ parentSpanId }) => of !== undefined && parentSpanId === of.spanId);
const carom = '@carom/opentelemetry';

/** All spans below one. */
function below(span: ReceivedSpan): readonly ReceivedSpan[] {
  return children(span).flatMap((child) => [child, ...below(child)]);
}

describe.each([
  { by: 'pg', operation: 'query', driver: '@opentelemetry/instrumentation-pg' },
  { by: 'knex', operation: 'raw', driver: '@opentelemetry/instrumentation-pg' },
  { by: 'prisma', operation: '$queryRawUnsafe', driver: 'prisma' },
])('a query by $by', ({ by, operation, driver }) => {
  const shotOf = (): ReceivedSpan => {
    const root = receiver.spans.find(({ name }) => name === `by ${by}`);
    const shots =
      root === undefined
        ? []
        : below(root).filter(({ scope, name }) => scope === carom && name !== 'attempt');
    expect(shots).toHaveLength(1);
    return shots[0] as ReceivedSpan;
  };

  test('is one span of the shot, with one for each attempt and the delay between', () => {
    const shot = shotOf();
    expect(shot.name).toBe(`carom ${operation}`);
    expect(shot.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'carom.datasource': `by-${by}`,
      'carom.attempts': 2,
    });
    expect(shot.status.code ?? 0).toBe(0);
    expect(shot.events.map(({ name }) => name)).toEqual(['carom.retry']);
    expect(shot.events[0]?.attributes).toMatchObject({
      'carom.attempt': 1,
      'carom.retry.delay': expect.any(Number),
      'carom.why': expect.stringContaining('within the patience'),
    });
    const attempts = children(shot).filter(({ name }) => name === 'attempt');
    expect(attempts.map(({ attributes }) => attributes['carom.attempt'])).toEqual([1, 2]);
    expect(attempts[0]?.status.code).toBe(2);
    expect(attempts[0]?.attributes).toMatchObject({
      'error.type': '40001',
      'db.response.status_code': '40001',
      'carom.phase': 'statement',
      'carom.verdict.kind': 'contention',
      'carom.outcome': 'rolled-back',
    });
    expect(attempts[1]?.status.code ?? 0).toBe(0);
  });

  test(`has the spans of ${driver} in the attempt that they belong to`, () => {
    const attempts = children(shotOf()).filter(({ name }) => name === 'attempt');
    expect(attempts).toHaveLength(2);
    for (const attempt of attempts) {
      const scopes = below(attempt).map(({ scope }) => scope);
      expect(scopes).toContain(driver);
      expect(scopes).not.toContain(carom);
    }
  });

  test('is counted, with the delay and the duration', () => {
    const points = receiver.points.filter(
      ({ scope, attributes }) => scope === carom && attributes['carom.datasource'] === `by-${by}`,
    );
    const of = (metric: string) => points.filter((point) => point.metric === metric);
    expect(of('carom.retry.attempts')).toMatchObject([
      { value: 1, unit: '{attempt}', attributes: { 'error.type': '40001' } },
    ]);
    expect(of('carom.retry.delay')).toMatchObject([{ count: 1, unit: 's' }]);
    expect(of('carom.shot.duration')).toMatchObject([{ count: 1, unit: 's' }]);
    expect(of('carom.shot.outcomes')).toMatchObject([
      { value: 1, attributes: { 'carom.outcome': 'completed', 'db.operation.name': operation } },
    ]);
  });
});

test('the spans of Knex lie in the attempt that they belong to, with those of pg in them', () => {
  const root = receiver.spans.find(({ name }) => name === 'by knex');
  const attempts = (root === undefined ? [] : below(root)).filter(({ name }) => name === 'attempt');
  const queries = attempts.map((attempt) =>
    children(attempt).filter(({ scope }) => scope === '@opentelemetry/instrumentation-knex'),
  );
  expect(queries.map((of) => of.map(({ status }) => status.code ?? 0))).toEqual([[2], [0]]);
  for (const query of queries.flat())
    expect(below(query).map(({ name }) => name)).toEqual(['pg.query:SELECT postgres']);
});

test('Carom itself exports no value, no statement and no text of an error', () => {
  const own = [
    ...receiver.spans.filter(({ scope }) => scope === carom),
    ...receiver.points.filter(({ scope }) => scope === carom),
  ];
  expect(own.length).toBeGreaterThan(15);
  expect(JSON.stringify(own)).not.toMatch(/secret|SELECT|flaky/);
});
