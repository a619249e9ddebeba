/** The libraries as files: how large they are, and how long they take to load. */
import * as modules from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { empty, inChild, warmer } from './children.js';
import { median } from './median.js';
import { cache } from './root.js';
import { peers } from './rows.js';
import { type Size, sizeOf } from './size.js';

/**
 * The first import and the first require in a fresh process whose loader is warm, in ms; that of an
 * empty file is taken off.
 */
export interface Load {
  readonly import: number;
  readonly require: number;
}

/** One library, or a part of it. */
export interface Library {
  readonly what: string;
  readonly size: Size;
  /** Of the whole; undefined for a part. */
  readonly load: Load | undefined;
  /** What V8 takes to read and compile the CommonJS file, of which nothing is run yet, in ms; of Carom only. */
  readonly compile?: number;
  /** With Node's compile cache, where this Node has one; of Carom only. */
  readonly cached?: Load | undefined;
}

/** The sizes of Carom, in bytes, and what they may be at most. */
export const caromParts = {
  parts: {
    what: 'Carom: `{ shot, Bounce, Cushion }`',
    names: '{ shot, Bounce, Cushion }',
    reach: { minified: 12_000, gzip: 4_500 },
  },
  whole: { what: 'Carom: the whole core', names: '*', reach: { minified: 30_000 } },
} as const;

/** The longest that loading Carom may take, in ms. */
export const loadReach = 1;

/** The sizes of Carom, by part. @param core the file of the built package */
export async function caromSizes(core: string): Promise<Record<keyof typeof caromParts, Size>> {
  return {
    parts: await sizeOf(core, caromParts.parts.names),
    whole: await sizeOf(core, caromParts.whole.names),
  };
}

/** Carom and the peers. @param core the file of the built package */
export async function measureLibraries(core: string, rounds: number): Promise<readonly Library[]> {
  const sizes = await caromSizes(core);
  const loads =
    (...more: readonly string[]) =>
    (files: typeof empty): Load => {
      const [own, least] = [loadOf(files, rounds, more), loadOf(empty, rounds, more)];
      return { import: own.import - least.import, require: own.require - least.require };
    };
  const load = loads();
  const carom = { import: core, require: core.replace(/\.js$/, '.cjs') };
  const require = modules.createRequire(import.meta.url);
  const libraries: Library[] = [
    { what: caromParts.parts.what, size: sizes.parts, load: undefined },
    {
      what: caromParts.whole.what,
      size: sizes.whole,
      load: load(carom),
      cached: 'enableCompileCache' in modules ? loads(join(cache, 'compiled'))(carom) : undefined,
      compile: loadTime('compile', carom, rounds) - loadTime('compile', empty, rounds),
    },
  ];
  for (const what of peers) {
    const files = {
      import: fileURLToPath(import.meta.resolve(what)),
      require: require.resolve(what),
    };
    libraries.push({ what, size: await sizeOf(what), load: load(files) });
  }
  return libraries;
}

function loadOf(files: typeof empty, rounds: number, more: readonly string[]): Load {
  return {
    import: loadTime('import', files, rounds, more),
    require: loadTime('require', files, rounds, more),
  };
}

function loadTime(
  how: keyof Load | 'compile',
  files: typeof empty,
  rounds: number,
  more: readonly string[] = [],
): number {
  const kind = how === 'compile' ? 'require' : how;
  const args = [how, warmer[kind], files[kind], ...more];
  return median(Array.from({ length: rounds }, () => inChild<number>('load', args)));
}
