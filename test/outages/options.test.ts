/** The outages' command line: what it understands, and what it says about what it does not. */
import { describe, expect, test } from '@jest/globals';
import { readOptions, UsageError } from '../../bench/outages/options.js';

const read = (...args: string[]) => readOptions(args);

describe('the options', () => {
  test('have defaults, the same every time', () => {
    const all = { quick: false, mix: undefined, seed: 1, json: undefined, html: undefined };
    const some = { scenario: undefined, adapter: undefined, strategy: undefined };
    const none = { trouble: undefined, help: false };
    expect(read()).toEqual({ ...all, ...some, ...none, clients: 200 });
    const quick = { quick: true, adapter: 'pg', trouble: 1_000, clients: 40 };
    expect(read('--quick')).toEqual({ ...all, ...some, ...none, ...quick });
  });

  test('are taken as they are given', () => {
    const args =
      '--scenario stop --adapter knex --seconds 3 --clients 7 --seed 9 --json a --html b';
    expect(read(...args.split(' '))).toMatchObject({
      ...{ scenario: 'stop', adapter: 'knex', trouble: 3_000, clients: 7, seed: 9 },
      ...{ json: 'a', html: 'b' },
    });
    expect(read('--strategy', 'loop 10 ms').strategy).toBe('loop 10 ms');
    expect(read('--mix').mix).toBe(30 * 60_000);
    expect(read('--mix', '--minutes', '2').mix).toBe(120_000);
  });

  const wrong: readonly (readonly [args: string[], said: RegExp])[] = [
    [['--sede', '9'], /^Unknown option '--sede'\.$/],
    [['more'], /^Unexpected argument 'more'\.$/],
    [['--scenario', 'storm'], /^Option --scenario is "storm"; allowed is one of stop, /],
    [['--adapter', 'mysql'], /^Option --adapter is "mysql"; allowed is one of pg, knex, prisma\.$/],
    [['--strategy', 'loop'], /^Option --strategy is "loop"; allowed is one of none, cockatiel, /],
    [['--seconds', '0'], /^Option --seconds is "0"; allowed is a whole number from 1 to 600\.$/],
    [['--minutes', '3'], /^Option --minutes goes with --mix\.$/],
    [['--json', ''], /^Option --json is empty; allowed is the name of a file\.$/],
  ];

  test.each(wrong)('%j is refused in one sentence', (args, said) => {
    const attempt = (): unknown => read(...args);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(said);
  });
});
