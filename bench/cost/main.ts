/** What being watched costs: the processor's time per query of Carom with all listeners and OpenTelemetry on, and without. */
import { parseArgs } from 'node:util';
import { startCluster } from '@carom/testing';
import { median } from '../median.js';
import { bothPg, meterProvider, tracerProvider } from './sdk.js';

// Before anything else asks for `pg`.
const { plain, instrumented: patched } = bothPg();
const { wrapPool } = await import('@carom/pg');
const { byHand, instrumented, listeners, nobody, oneInTen } = await import('./watchers.js');

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '151' },
    queries: { type: 'string', default: '100' },
    sql: { type: 'string', default: 'SELECT 1' },
  },
});
const rounds = Number(values.rounds);
const queries = Number(values.queries);

const cluster = await startCluster();
const config = { ...cluster.primary.config, max: 1 };
const pools = {
  plain: new plain.Pool(config),
  pg: new patched.Pool(config),
  caromOnPlain: wrapPool(new plain.Pool(config)),
  carom: wrapPool(new patched.Pool(config)),
};
const query = (pool: keyof typeof pools) => (): Promise<unknown> => pools[pool].query(values.sql);

const all = instrumented();
const variants = {
  'pg, no instrumentation': { watch: nobody, query: query('plain') },
  'Carom, no instrumentation': { watch: nobody, query: query('caromOnPlain') },
  '  all of Carom’s watching': { watch: all, query: query('caromOnPlain') },
  'pg, its instrumentation': { watch: nobody, query: query('pg') },
  'Carom, pg’s instrumentation': { watch: nobody, query: query('carom') },
  '  listeners': { watch: listeners, query: query('carom') },
  '  listeners, metrics': { watch: instrumented({ traces: false }), query: query('carom') },
  '  listeners, metrics, traces': { watch: all, query: query('carom') },
  '  two spans, one duration by hand': {
    ...{ watch: nobody, query: () => byHand(query('carom')) },
  },
  'Carom, pg’s, 1 in 10 sampled': { watch: oneInTen(nobody), query: query('carom') },
  '  listeners, metrics, 1 in 10': { watch: oneInTen(all), query: query('carom') },
} as const;
type Variant = keyof typeof variants;
const order = Object.keys(variants) as readonly Variant[];

/** Microseconds of this process's time per query; the server's is not among them. */
async function cpuOf(variant: Variant): Promise<number> {
  const { watch, query } = variants[variant];
  const end = watch();
  const before = process.cpuUsage();
  for (let n = 0; n < queries; n++) await query();
  const { user, system } = process.cpuUsage(before);
  end();
  return (user + system) / queries;
}

const samples = new Map<Variant, number[]>(order.map((variant) => [variant, []]));
for (let round = -20; round < rounds; round++) {
  for (const variant of round % 2 === 0 ? order : order.toReversed()) {
    const cpu = await cpuOf(variant);
    if (round >= 0) samples.get(variant)?.push(cpu);
  }
  await tracerProvider.forceFlush();
}
for (const pool of Object.values(pools)) await pool.end();
await cluster.stop();
await tracerProvider.shutdown();
await meterProvider.shutdown();

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const of = (variant: Variant): readonly number[] => samples.get(variant) ?? [];
/** What a tenth of the rounds stayed below: others on the machine only ever make a round dearer. */
const quiet = (variant: Variant): number =>
  of(variant).toSorted((a, b) => a - b)[Math.floor(of(variant).length / 10)] ?? Number.NaN;
function ratio(variant: Variant, to: Variant): string {
  const paired = of(variant).map((cpu, round) => cpu / (of(to)[round] ?? Number.NaN));
  return `${median(paired).toFixed(3)}   ${(quiet(variant) / quiet(to)).toFixed(3)}`;
}

say(`Node ${process.version}, ${rounds} rounds of ${queries} × ${values.sql}`);
say(
  'CPU of this process per query, µs: median of all rounds, and what the quietest tenth stayed below',
);
for (const variant of order) {
  say(`  ${variant.padEnd(38)} ${median(of(variant)).toFixed(1)}   ${quiet(variant).toFixed(1)}`);
}
say('ratios: median of the pairs, and of the quietest tenths');
const base: Variant = 'Carom, pg’s instrumentation';
const ratios: readonly (readonly [string, Variant, Variant])[] = [
  ['pg’s own instrumentation', 'pg, its instrumentation', 'pg, no instrumentation'],
  ['Carom unheard, to pg', base, 'pg, its instrumentation'],
  ['the same without any instrumentation', 'Carom, no instrumentation', 'pg, no instrumentation'],
  ['listeners', '  listeners', base],
  ['listeners and metrics', '  listeners, metrics', base],
  ['all, to be at most 1.1', '  listeners, metrics, traces', base],
  ['two spans, one duration by hand', '  two spans, one duration by hand', base],
  ['all, 1 in 10', '  listeners, metrics, 1 in 10', 'Carom, pg’s, 1 in 10 sampled'],
  ['all, without pg’s', '  all of Carom’s watching', 'Carom, no instrumentation'],
  ['all, to pg and its instrumentation', '  listeners, metrics, traces', 'pg, its instrumentation'],
];
for (const [what, variant, to] of ratios) say(`  ${what.padEnd(38)} ${ratio(variant, to)}`);
