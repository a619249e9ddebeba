/** Reads the lock file: `npm ci` must work with it on every platform and with every registry. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from './source.js';

interface Entry {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Entries = Readonly<Record<string, Entry>>;

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** Whether `name`, needed by the entry at `from`, is in the lock where Node would look for it. */
function has(entries: Entries, from: string, name: string): boolean {
  const at = from.lastIndexOf('/node_modules/');
  if (entries[`${from}/node_modules/${name}`]) return true;
  return at >= 0 ? has(entries, from.slice(0, at), name) : `node_modules/${name}` in entries;
}

/**
 * npm silently leaves out a platform's package that its registry does not carry (yet), and then
 * refuses the lock on that platform: newest versions often lack some. Pin the parent, or override
 * it, at a version that is whole.
 */
const missing = (entries: Entries): readonly string[] =>
  Object.entries(entries).flatMap(([from, entry]) =>
    Object.keys(entry.optionalDependencies ?? {})
      .filter((name) => !has(entries, from, name))
      .map((name) => `${from} lacks ${name}`),
  );

/** Whatever is fetched is checked against a hash. */
const unchecked = (entries: Entries): readonly string[] =>
  Object.entries(entries)
    .filter(([path, entry]) => path.includes('node_modules/') && !entry.link && !entry.inBundle)
    .filter(([, entry]) => !entry.integrity?.startsWith('sha512-'))
    .map(([path]) => path);

/** An address in the lock binds everyone to the registry of whoever wrote it (see .npmrc). */
const addresses = (entries: Entries): readonly string[] =>
  Object.values(entries).flatMap(({ resolved }) => (resolved?.includes('://') ? [resolved] : []));

describe('the lock file', () => {
  test('has the packages of every platform', () => {
    expect(missing(lock.packages)).toEqual([]);
  });
  test('has a hash for each of them', () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(unchecked(lock.packages)).toEqual([]);
  });
  test('names no registry', () => {
    expect(addresses(lock.packages)).toEqual([]);
  });
});

describe('each of these can fail', () => {
  const a = { optionalDependencies: { 'a-linux': '1' }, integrity: 'sha512-x' };
  test('a platform left out', () => {
    expect(missing({ 'node_modules/a': a })).toEqual(['node_modules/a lacks a-linux']);
    expect(missing({ 'node_modules/a': a, 'node_modules/a-linux': {} })).toEqual([]);
    expect(missing({ 'node_modules/b/node_modules/a': a, 'node_modules/a-linux': {} })).toEqual([]);
    expect(missing({ 'packages/a': a, 'node_modules/a-linux': {} })).toEqual([]);
  });
  test('a hash left out', () => {
    expect(unchecked({ 'node_modules/a': {}, 'node_modules/b': a })).toEqual(['node_modules/a']);
  });
  test('an address', () => {
    expect(addresses({ 'node_modules/a': { resolved: 'https://npm.example/a.tgz' } })).toHaveLength(
      1,
    );
  });
});
