/** The proof's command line: what it understands, and what it says about what it does not. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { readOptions, UsageError } from '../../bench/prove/options.js';

const read = (...args: string[]) => readOptions(args);

describe('the options', () => {
  test('have defaults, the same every time', () => {
    const all = { seed: 1, shots: 20_000, quick: false, json: undefined, help: false };
    expect(read()).toEqual(all);
    expect(read('--quick')).toEqual({ ...all, quick: true, shots: 600 });
  });

  test('are taken as they are given', () => {
    expect(read('--seed', '7', '--shots', '500', '--quick', '--json', 'a.json')).toEqual({
      ...{ seed: 7, shots: 500, quick: true, json: 'a.json', help: false },
    });
    expect(read('-h').help).toBe(true);
  });

  const wrong: readonly (readonly [args: string[], said: RegExp])[] = [
    [['--sede', '9'], /^Unknown option '--sede'\.$/],
    [['--seed'], /^Option '--seed <value>' argument missing\.$/],
    [['more'], /^Unexpected argument 'more'\.$/],
    [
      ['--seed', '1.5'],
      /^Option --seed is "1\.5"; allowed is a whole number from 0 to 4294967295\.$/,
    ],
    [
      ['--shots', '99'],
      /^Option --shots is "99"; allowed is a whole number from 100 to 1000000\.$/,
    ],
    [['--shots', '1e3'], /^Option --shots is "1e3"; allowed/],
    [['--json', ''], /^Option --json is empty; allowed is the name of a file\.$/],
  ];

  test.each(wrong)('%j is refused in one sentence', (args, said) => {
    const attempt = (): unknown => read(...args);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(said);
  });
});

test('a wrong option starts nothing, shows the usage and exits with 2', () => {
  const node = ['--conditions=@carom/source', '--import', 'tsx', 'bench/prove/main.ts'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...node, '--sede', '9'], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  expect(stderr).toMatch(/^Unknown option '--sede'\.\n\nUsage: npm run prove/);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});
