import { readFileSync } from 'node:fs';
import { explainCode } from '@carom/explain';
import { classify, knownCodes, type Phase } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import { explainCommand } from '../src/command.js';

test('the page of the documentation is what the tables say: `npm run errors-page`', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  expect(explainCommand(['--all', '--markdown'])).toEqual({ status: 0, output: page });
  for (const { code, class: letters } of knownCodes) {
    expect(page).toContain(letters === undefined ? `| \`${code}\` |` : `other \`${letters}…\``);
  }
});

describe('a code', () => {
  test.each<[string, Phase, boolean, string, string]>([
    ['40001', 'commit', true, 'rolled-back', 'yes'],
    ['40P01', 'statement', true, 'rolled-back', 'yes'],
    ['ECONNRESET', 'connect', false, 'not-executed', 'yes'],
    ['ECONNRESET', 'statement', false, 'unknown', 'reads only'],
    ['ECONNRESET', 'statement', true, 'rolled-back', 'yes'],
    ['ECONNRESET', 'commit', true, 'unknown', 'reads only'],
    ['EPIPE', 'commit', true, 'unknown', 'reads only'],
    ['ABORT_ERR', 'statement', false, 'unknown', 'no'],
    ['23505', 'statement', false, 'rolled-back', 'no'],
    ['57P01', 'commit', true, 'unknown', 'reads only'],
    ['P2034', 'commit', true, 'rolled-back', 'yes'],
    ['P0001', 'statement', false, 'rolled-back', 'no'],
    ['XXA00', 'commit', true, 'unknown', 'no'],
    ['CAROM_TIMEOUT', 'commit', true, 'unknown', 'reads only'],
    ['99999', 'statement', false, 'rolled-back', 'no'],
  ])('%s, phase %s, in a transaction: %s', (code, phase, inTransaction, outcome, retried) => {
    const phases = explainCode(code, { phase, inTransaction })?.phases;
    expect(phases).toMatchObject([{ phase, inTransaction, outcome, retried }]);
  });

  test('of the tables has an explanation in every phase, and no code of `unknown`', () => {
    for (const { code } of knownCodes) {
      const explained = explainCode(code);
      expect(explained?.phases).toHaveLength(7);
      expect(explained?.meaning).not.toContain('not an error that');
    }
  });

  test('with which the session ended says less', () => {
    const asked = { phase: 'commit' } as const;
    expect(explainCode('40001', asked)?.phases[0]?.outcome).toBe('rolled-back');
    expect(explainCode('40001', { ...asked, fatal: true })?.phases[0]?.outcome).toBe('unknown');
    const error = { name: 'error', severity: 'FATAL', code: '40001' };
    expect(classify(error, { ...asked, inTransaction: true }).outcome).toBe('unknown');
  });
});

describe('the command', () => {
  test('says what, in which phase, and why, as text and as JSON', () => {
    const { status, output } = explainCommand(['40001', '--phase', 'commit']);
    expect(status).toBe(0);
    expect(output.split('\n').slice(0, 2)).toEqual([
      '40001 (contention): another transaction won; this one can be played again',
      '  commit: rolled-back, retried: yes',
    ]);
    const json = explainCommand(['40001', '--json', '--phase=statement', '--in-transaction']);
    expect(JSON.parse(json.output)).toEqual(
      explainCode('40001', { phase: 'statement', inTransaction: true }),
    );
    const all = explainCommand(['--all', '--json']);
    expect(JSON.parse(all.output)).toHaveLength(knownCodes.length);
    expect(explainCommand(['40001', '23505']).output).toContain('\n\n23505 (permanent)');
    expect(explainCommand(['--help'])).toMatchObject({ status: 0 });
  });

  test.each([
    [[], 'no code was given'],
    [['4000'], '"4000" is no code that Carom knows'],
    [['40001', '--phase', 'comit'], '--phase is "comit"; allowed: acquire, connect, begin'],
    [['40001', '--phases'], "'--phases'"],
    [['40001', '--markdown'], '--markdown goes with --all'],
    [['--all', '--markdown', '--json'], 'not both'],
    [['--all', '40001'], '--all takes no code; given: 40001'],
    [['hello world'], '"hello world" is no code'],
  ])('%j: names what is wrong', (args, reason) => {
    const { status, output } = explainCommand(args);
    expect(status).toBe(2);
    expect(output).toContain(reason);
  });
});
