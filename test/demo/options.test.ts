/** The demo's command line: what it understands, and what it says about what it does not. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { readOptions, UsageError } from '../../demo/options.js';

const read = (...args: string[]): ReturnType<typeof readOptions> => readOptions(args, 'page.html');

describe('the options', () => {
  test('have defaults, and a seed that is never the same', () => {
    const options = read();
    expect(options).toMatchObject({
      seconds: 60,
      json: undefined,
      report: 'page.html',
      help: false,
    });
    expect(Number.isInteger(options.seed)).toBe(true);
    const seeds = new Set(Array.from({ length: 10 }, () => read().seed));
    expect(seeds.size).toBeGreaterThan(1);
  });

  test('are taken as they are given', () => {
    const args = ['--seconds', '9', '--seed', '7', '--json', 'a.json', '--report', 'b.html'];
    expect(read(...args)).toEqual({
      seconds: 9,
      seed: 7,
      json: 'a.json',
      report: 'b.html',
      help: false,
    });
    expect(read('--no-report').report).toBeUndefined();
    expect(read('-h').help).toBe(true);
  });

  const wrong: readonly (readonly [args: string[], said: RegExp])[] = [
    [['--sedonds', '9'], /^Unknown option '--sedonds'\.$/],
    [['--seconds'], /^Option '--seconds <value>' argument missing\.$/],
    [['--help=yes'], /^Option '-h, --help' does not take an argument\.$/],
    [['more'], /^Unexpected argument 'more'\.$/],
    [['--seconds', '5'], /^Option --seconds is "5"; allowed is a whole number from 6 to 3600\.$/],
    [['--seconds', '4000'], /^Option --seconds is "4000"; allowed/],
    [['--seconds', '1e3'], /^Option --seconds is "1e3"; allowed/],
    [
      ['--seed', '1.5'],
      /^Option --seed is "1\.5"; allowed is a whole number from 0 to 4294967295\.$/,
    ],
    [['--seed=-1'], /^Option --seed is "-1"; allowed/],
    [['--seed', ''], /^Option --seed is ""; allowed/],
    [['--json', ''], /^Option --json is empty; allowed is the name of a file\.$/],
    [['--report', ''], /^Option --report is empty; /],
    [['--report', 'x', '--no-report'], /^Options --report and --no-report exclude each other\.$/],
  ];

  test.each(wrong)('%j is refused in one sentence', (args, said) => {
    const attempt = (): unknown => read(...args);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(said);
  });
});

describe('the command', () => {
  interface Said {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  function command(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Said {
    const node = ['--conditions=@carom/source', '--import', 'tsx', 'demo/main.ts', ...args];
    const env = { ...process.env, ...environment };
    return spawnSync(process.execPath, node, { encoding: 'utf8', timeout: 30_000, env });
  }

  test('with a wrong option says so, shows its usage, starts nothing and exits with 2', () => {
    const { status, stdout, stderr } = command(['--sedonds', '9']);
    expect(stderr).toMatch(/^Unknown option '--sedonds'\.\n\nUsage: npm run demo/);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  }, 30_000);

  test('says before it begins that it could not write a file at the end', () => {
    const { status, stdout, stderr } = command(['--json', 'no/such/folder/a.json']);
    expect(stderr).toMatch(
      /^Option --json is "no\/such\/folder\/a\.json", but the folder .* cannot be written to\.\n/,
    );
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  }, 30_000);

  test('breaks no server that is not its own', () => {
    const url = 'postgres://nobody@127.0.0.1:1/none';
    const { status, stderr } = command(['--no-report'], { CAROM_TEST_PG: url });
    expect(stderr).toMatch(/^\nThe demo itself failed: .*standby.*\n$/);
    expect(status).toBe(3);
  }, 30_000);

  test('with --help explains the columns and exits with 0', () => {
    const { status, stdout, stderr } = command(['--help']);
    for (const word of ['--seconds', 'duplicates', 'unknown', 'Exit code']) {
      expect(stdout).toContain(word);
    }
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  }, 30_000);
});
