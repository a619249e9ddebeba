// Run by scripts/smoke.mjs with jest's own defaults: no ESM flags, no transform of ours.
const { readdirSync } = require('node:fs');

const names = readdirSync('node_modules/@carom').map((name) => `@carom/${name}`);

test('every package is there', () => {
  expect(names.length).toBeGreaterThan(4);
});

test.each(names)('require %s', (name) => {
  expect(Object.keys(require(name)).length).toBeGreaterThan(0);
});

test('a shot bounces', async () => {
  const { shot } = require('@carom/core');
  const options = { retries: 2, baseDelay: 1, maxDelay: 1 };
  const attempts = [];
  const play = ({ attempt }) => {
    attempts.push(attempt);
    if (attempt < 2) throw new Error('once more');
    return 'done';
  };
  await expect(shot(play, options)).resolves.toBe('done');
  expect(attempts).toEqual([1, 2]);
});
