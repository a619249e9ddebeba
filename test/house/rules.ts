/** The rules of the house that a program can check, each a function from the source files to what is wrong with them. */
import { posix } from 'node:path';
import { importsOf, type SourceFile, timeAndChanceIn } from './source.js';

/** Packages by row. An import points to a lower row, never up and never sideways. */
export const rows: Readonly<Record<string, number>> = {
  core: 0,
  postgres: 1,
  explain: 2,
  pg: 2,
  knex: 2,
  prisma: 2,
  opentelemetry: 2,
  testing: 3,
};

/** Files with a coined name, and the field's standard word which their first sentence must have. */
export const glossary: Readonly<Record<string, RegExp>> = {
  'shot.ts': /operation/i,
  'bounce.ts': /\bretry\b/i,
  'cushion.ts': /circuit breaker/i,
  'pocket.ts': /\bfallback\b/i,
  'shot-clock.ts': /\btimeout\b/i,
  'scoreboard.ts': /\btelemetry\b/i,
  'compartment.ts': /\bbulkhead\b/i,
  'throttle.ts': /\brate limit/i,
};

/** A longer file holds more than one concept. */
export const longestFile = 250;

/** Where real time and real chance may come in. */
const doors = /^packages\/(core\/src\/clock\.ts$|testing\/)/;

export interface House {
  readonly files: readonly SourceFile[];
  /** The entries that each package exports: `@carom/core`, `@carom/core/testing`. */
  readonly entries: ReadonlySet<string>;
}

export type Rule = (house: House) => readonly string[];

const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\//.exec(path)?.[1];
const ownerOf = (path: string): string | undefined =>
  /^(?:packages|test)\/([^/]+)\//.exec(path)?.[1];
const isSource = (file: SourceFile): boolean => /^packages\/[^/]+\/src\//.test(file.path);

/** The file that a relative import means: `./x.js` is `./x.ts`. */
const target = (from: string, specifier: string): string =>
  posix.join(posix.dirname(from), specifier).replace(/\.([cm]?)js$/, '.$1ts');

/** One line for each import for which `wrong` gives a reason. */
function wrongImports(
  files: readonly SourceFile[],
  wrong: (file: SourceFile, specifier: string) => string | undefined,
): readonly string[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ name, line }) => {
      const reason = wrong(file, name);
      return reason ? [`${file.path}:${line} imports ${name}: ${reason}`] : [];
    }),
  );
}

/** An import between packages points to a lower row. */
export const rowsRule: Rule = ({ files }) =>
  wrongImports(files.filter(isSource), (file, specifier) => {
    const to = /^@carom\/([^/]+)/.exec(specifier)?.[1];
    const from = packageOf(file.path) ?? '';
    if (to === undefined) return undefined;
    const [fromRow, toRow] = [rows[from], rows[to]];
    if (fromRow === undefined || toRow === undefined) return 'a package without a row';
    if (toRow < fromRow) return undefined;
    return `row ${fromRow} may not know ${to === from ? 'itself by name' : `row ${toRow}`}`;
  });

/**
 * Another package is known by its name and its exports, never by a path into it. `test/pg` belongs
 * to `packages/pg`: it is where that package's tests are which need a server.
 */
export const entriesRule: Rule = ({ files, entries }) =>
  wrongImports(files, (file, specifier) => {
    if (specifier.startsWith('@carom/')) {
      if (!entries.has(specifier)) return 'not an entry of that package';
      const isTest = specifier === '@carom/core/testing' && isSource(file);
      return isTest && packageOf(file.path) !== 'testing' ? 'for tests only' : undefined;
    }
    if (!specifier.startsWith('.')) return undefined;
    const to = target(file.path, specifier);
    if (packageOf(to) && packageOf(to) !== ownerOf(file.path)) return "another package's inside";
    return isSource(file) && !to.startsWith(`packages/${packageOf(file.path)}/src/`)
      ? 'outside src'
      : undefined;
  });

/** In the core only the engine, the entries and the fallback around a whole shot know the engine. */
export const engineRule: Rule = ({ files }) =>
  wrongImports(
    files.filter(({ path }) =>
      /^packages\/core\/src\/(?!engine\/|fallback\/|index\.|testing\.)/.test(path),
    ),
    (file, specifier) =>
      specifier.startsWith('.') &&
      target(file.path, specifier).startsWith('packages/core/src/engine/')
        ? 'only the engine knows the engine'
        : undefined,
  );

/** No file imports itself by way of others; types count. */
export const cycleRule: Rule = ({ files }) => {
  const known = new Set(files.map(({ path }) => path));
  const graph = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ name }) => name.startsWith('.'))
        .map(({ name }) => target(file.path, name))
        .filter((path) => known.has(path)),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) cycles.push(`a cycle: ${[...trail.slice(at), path].join(' -> ')}`);
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return cycles;
};

/** Time and chance come in through one door. */
export const clockRule: Rule = ({ files }) =>
  files
    .filter((file) => isSource(file) && !doors.test(file.path))
    .flatMap((file) => [
      ...timeAndChanceIn(file).map(({ name, line }) => `${file.path}:${line} uses ${name}`),
      ...wrongImports([file], (_, specifier) =>
        /^(node:)?(timers|perf_hooks)(\/|$)/.test(specifier) ? 'a door to real time' : undefined,
      ),
    ]);

/** The first sentence of the file's first comment, on one line. */
function firstSentence(text: string): string | undefined {
  const comment = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(text)?.[1];
  const flat = comment
    ?.replace(/\n\s*\*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return flat?.split(/\.(?:\s|$)/)[0];
}

/** A file opens by saying what it is, and a coined name with the field's word for it. */
export const openingRule: Rule = ({ files }) =>
  files.filter(isSource).flatMap(({ path, text }) => {
    const sentence = firstSentence(text);
    if (!sentence) return [`${path} does not open with a doc sentence`];
    const word = glossary[posix.basename(path)];
    return word && !word.test(sentence) ? [`${path} opens without its standard word ${word}`] : [];
  });

/** Names and sizes. */
export const formRule: Rule = ({ files }) =>
  files.filter(isSource).flatMap(({ path, text }) => {
    const name = posix.basename(path);
    const lines = text.split('\n').length - 1;
    return [
      ...(/^[a-z0-9]+(-[a-z0-9]+)*\.[cm]?ts$/.test(name) ? [] : [`${path} is not in kebab-case`]),
      ...(/\b(utils?|helpers?|manager|impl|misc|common)\b/.test(name)
        ? [`${path} says nothing of what it holds`]
        : []),
      ...(lines > longestFile ? [`${path} has ${lines} lines, more than ${longestFile}`] : []),
    ];
  });
