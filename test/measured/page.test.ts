/** The page of the documentation about what is measured names each test of this folder, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../docs/measured.md')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^`[a-z-]+`$/.test(cells[2] ?? ''))
  .map(([, , file = '', name = '']) => ({ file: file.slice(1, -1), name }));
const files = readdirSync(new URL('.', import.meta.url))
  .filter((name) => name.endsWith('.test.ts') && name !== 'page.test.ts')
  .map((name) => name.replace('.test.ts', ''));

/** The titles of tests, and of groups whose cases have a name of one word. */
const titles = (file: string): string[] =>
  [
    ...read(`${file}.test.ts`).matchAll(
      /^ +(?:test\(|describe\(|.*\]\)\(|.*\)\)\()?\s*(['"])(.{6,})\1,\s*async/gm,
    ),
  ].map(([, , name = '']) => name);

test('each test that the page names is there', () => {
  expect(page.length).toBeGreaterThan(40);
  expect([...new Set(page.map(({ file }) => file))].sort()).toEqual(files.sort());
  expect(page.filter(({ file, name }) => !read(`${file}.test.ts`).includes(name))).toEqual([]);
});

test.each(files)('the page names each test of %s', (file) => {
  const named = page.map(({ name }) => name);
  expect(titles(file).length).toBeGreaterThan(2);
  expect(titles(file).filter((name) => !named.includes(name))).toEqual([]);
});
