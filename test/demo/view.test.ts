/** The views: what a person sees in a terminal and in a log. */
import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { Tally } from '../../demo/tally/tally.js';
import { progressBar, sparkline } from '../../demo/view/bars.js';
import { liveView } from '../../demo/view/live.js';
import { meaning, remarks } from '../../demo/view/meaning.js';
import { painter, wantsColour } from '../../demo/view/paint.js';
import { plainView } from '../../demo/view/plain.js';
import { table } from '../../demo/view/table.js';
import { duration, type Moment } from '../../demo/view/view.js';
import { sampleDemo, sampleRun } from './sample.js';

// Built from its number: a control character in a pattern is easily lost.
const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);

function moment(elapsed: number): Moment {
  const tally = new Tally(
    () => undefined,
    () => elapsed - 100,
  );
  for (let index = 0; index < 5; index += 1) {
    const operation = {
      id: `${index}`,
      at: 0,
      adapter: 'pg',
      kind: 'gift-card',
      cents: 1,
    } as const;
    tally.began(operation);
    tally.succeeded(operation);
  }
  return { strategy: 'none', elapsed, runMs: 20_000, tally, inFlight: 2, decisions: undefined };
}

describe('the plain view', () => {
  function lines(): { said: string[]; view: ReturnType<typeof plainView> } {
    const said: string[] = [];
    return { said, view: plainView((line) => said.push(line)) };
  }

  test('has one line for each fault and one for every other second', () => {
    const { said, view } = lines();
    for (let elapsed = 100; elapsed <= 20_000; elapsed += 100) view.tick(moment(elapsed));
    view.fault('none', 1_234, 'answer-lost-fin');
    expect(said).toHaveLength(10);
    expect(said[0]).toMatch(/^none +2\.0 s {2}\d+ done\/s, 0 errors\/s, 2 in flight$/);
    expect(said[9]).toBe(
      'none     1.2 s  fault: answer to COMMIT lost on its way, connection closed',
    );
  });

  test('begins again with each run, and ends it with its numbers', () => {
    const { said, view } = lines();
    for (const elapsed of [1_900, 2_000, 4_100, 100, 1_900, 2_100]) view.tick(moment(elapsed));
    expect(said.map((line) => line.slice(0, 14))).toEqual([
      'none     2.0 s',
      'none     4.1 s',
      'none     2.1 s',
    ]);
    view.end(sampleRun('naive'));
    expect(said.at(-1)).toBe(
      'hand-written loop: 1,200 operations, 90 failed, 6 unknown, 14 duplicates, 0 lost',
    );
  });
});

describe('the live view', () => {
  function shown(colours: boolean): string {
    let text = '';
    const terminal = new Writable({
      write(chunk, _encoding, done) {
        text += String(chunk);
        done();
      },
    });
    const size = { columns: 100, rows: 40, isTTY: true };
    const view = liveView(Object.assign(terminal, size) as never, 'The title', painter(colours));
    view.preparing('Starting …');
    view.end(sampleRun('none'));
    view.fault('naive', 3_000, 'promote');
    view.tick({ ...moment(3_500), strategy: 'naive' });
    view.close();
    return text;
  }

  test('shows all strategies, the load, the fault and the time that is left', () => {
    const text = shown(false);
    for (const part of [
      'The title',
      'Starting …',
      '1,200 shots, 140 failed, 36 unknown, 0 duplicates, 0 lost',
      '4 of 20 s',
      'Carom              ░░░░░░░░░░░░░░░░░░░░  waiting',
      'server lost, standby promoted',
      'about 37 s of load left',
    ]) {
      expect(text).toContain(part);
    }
  });

  test('has colours only where they are wanted', () => {
    expect(shown(false)).not.toMatch(escapes);
    expect(shown(true)).toMatch(escapes);
    expect(wantsColour(true, {})).toBe(true);
    expect(wantsColour(true, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour(true, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour(true, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour(false, {})).toBe(false);
  });
});

test('bars are as high and as long as what they stand for', () => {
  expect(sparkline([0, 1, 50, 100], 6, 100)).toBe('  ▁▂▅█');
  expect(sparkline([1, 2, 3], 2, 3)).toBe('▆█');
  expect(sparkline([0, 0], 2, 0)).toBe('▁▁');
  expect(progressBar(0.5, 4)).toBe('██░░');
  expect([progressBar(-1, 2), progressBar(2, 2)]).toEqual(['░░', '██']);
});

test('durations are short', () => {
  expect([null, 0.4, 4.6, 999, 1_234.5].map(duration)).toEqual([
    '–',
    '0.4 ms',
    '5 ms',
    '999 ms',
    '1.2 s',
  ]);
});

describe('the end', () => {
  const { results } = sampleDemo();

  test('is a table with a row for each strategy', () => {
    const text = table(results, painter(false));
    for (const name of [
      'shots',
      'failed',
      'duplicates',
      'lost',
      'unknown',
      'p50',
      'p99',
      'longest stall',
    ]) {
      expect(text).toContain(name);
    }
    const [row = ''] = text.split('\n').filter((line) => line.includes('hand-written loop'));
    const cells = row.split('│').map((cell) => cell.trim());
    expect(cells).toEqual([
      '',
      'hand-written loop',
      '1,200',
      '90',
      '14',
      '0',
      '6',
      '5 ms',
      '812 ms',
      '1.2 s',
      '',
    ]);
    expect(text).not.toMatch(escapes);
  });

  test('is a sentence that says what it means', () => {
    expect(meaning(results)).toBe(
      'Under the same faults the bare clients gave their callers 176 errors; the hand-written loop brought that down to ' +
        '96 but did 14 writes twice and charged customers € 552.50 too much; Carom gave 9 errors, all of them to say honestly ' +
        'that nobody can know, and doubled none and lost none.',
    );
    const said = (failed: number, unknown: number): string =>
      meaning(sampleDemo({ failed, unknown }).results);
    expect(said(0, 0)).toContain('Carom gave 0 errors, and doubled none');
    expect(said(0, 1)).toContain(
      'Carom gave 1 error, which says honestly that nobody can know, and',
    );
    expect(said(2, 1)).toContain(
      'Carom gave 3 errors, 1 of them to say honestly that nobody can know',
    );
    expect(meaning(sampleDemo({ lies: 1 }).results)).toContain('did NOT keep its word');
  });

  test('mentions what the table has no column for, and all evidence against Carom', () => {
    const wrong = { ...sampleRun('carom', { pending: 2 }), evidence: ['w7: duplicate'] };
    expect(remarks([sampleRun('naive'), wrong])).toEqual([
      'naive: 2 writes were there although the last error said that nothing was done.',
      'carom: 2 operations had not ended when the demo ended.',
      'carom: w7: duplicate',
    ]);
  });
});
