/** Weight: what each thing that Carom promises adds to a bundle, minified. */
import { join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { caromParts } from './libraries.js';
import { root } from './root.js';

const sources = join(root, 'packages/core/src');

/** Which files belong to what, by how their names begin; the first that fits. */
const concepts: readonly (readonly [what: string, files: readonly string[]])[] = [
  [
    'options: names, limits, defaults, what a wrong one is told',
    ['invalid', 'named', 'engine/checks', 'engine/rules', 'breaker/rules'],
  ],
  ['`Bounce` and `Cushion` as they are written', ['retry/bounce', 'breaker/cushion']],
  ['windows: by count, by time', ['breaker/window', 'breaker/tally', 'rolling']],
  ['parking: the release, the ramp', ['breaker/release', 'breaker/ramp', 'parking', 'waiters']],
  ['the circuit: states, permits, probes, refusals', ['breaker/']],
  [
    'verdict and decision: judge, backoff, nesting',
    [
      'causes',
      'engine/judge',
      'engine/final',
      'engine/failure',
      'engine/afford',
      'retry/decide',
      'retry/',
    ],
  ],
  ['events, channels, traces', ['telemetry/', 'engine/tell', 'engine/trace', 'listener']],
  ['time and cancellation', ['clock', 'cancellation', 'timeout/']],
  ['errors', ['errors', 'process-wide']],
  ['bulkhead, rate limit, fallback', ['gate', 'bulkhead/', 'rate-limit/', 'fallback/']],
  ['the shot itself: admission, attempts, end', ['engine/']],
];

/** In bytes: of the parts, of the whole. */
type Weight = Record<keyof typeof caromParts, number>;

/** What each concept weighs, the heaviest first. */
export async function weights(): Promise<readonly (readonly [what: string, weight: Weight])[]> {
  const all = new Map<string, Weight>();
  for (const part of Object.keys(caromParts) as (keyof Weight)[]) {
    for (const [file, bytes] of await bytesByFile(caromParts[part].names)) {
      const found = concepts.find(([, names]) => names.some((name) => file.startsWith(name)));
      const what = found?.[0] ?? 'all the rest';
      const weight = all.get(what) ?? { parts: 0, whole: 0 };
      weight[part] += bytes;
      all.set(what, weight);
    }
  }
  return [...all].sort(([, a], [, b]) => b.parts - a.parts);
}

async function bytesByFile(names: string): Promise<readonly (readonly [string, number])[]> {
  const from = JSON.stringify(join(sources, 'index.ts'));
  const { metafile } = await build({
    stdin: { contents: `export ${names} from ${from}`, resolveDir: root },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    outfile: 'weighed.js',
    absWorkingDir: root,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return inputs
    .filter(([file, { bytesInOutput }]) => file !== '<stdin>' && bytesInOutput > 0)
    .map(([file, { bytesInOutput }]) => [
      relative(sources, join(root, file)).split(sep).join('/'),
      bytesInOutput,
    ]);
}
