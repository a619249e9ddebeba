/** The baseline: what the gate compares with, as measured and as kept. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Figures } from './figures.js';
import type { Baseline, Metrics } from './gate.js';
import type { caromSizes } from './libraries.js';
import { baselineFile } from './root.js';

/** The part of what was measured that has no noise. */
export function baselineOf(
  figures: readonly Figures[],
  sizes: Awaited<ReturnType<typeof caromSizes>>,
  adapters: Metrics,
): Baseline {
  const metrics: Record<string, number> = {};
  for (const { row, by, promises, ticks, bytes } of figures) {
    if (by !== 'carom') continue;
    metrics[`${row}.promises`] = promises;
    if (ticks !== undefined) metrics[`${row}.ticks`] = ticks;
    if (bytes !== undefined) metrics[`${row}.bytes`] = bytes;
  }
  for (const [part, { minified, gzip }] of Object.entries(sizes)) {
    metrics[`size.${part}.minified`] = minified;
    metrics[`size.${part}.gzip`] = gzip;
  }
  Object.assign(metrics, adapters);
  return { runtime: `${process.version.split('.')[0]} ${process.arch}`, metrics };
}

export function keep(baseline: Baseline): void {
  writeFileSync(baselineFile, `${JSON.stringify(baseline, null, 2)}\n`);
}

export function kept(): Baseline {
  return JSON.parse(readFileSync(baselineFile, 'utf8'));
}
