import { expect, test } from '@jest/globals';
import { run } from './child.js';

test.each([
  // After the last shot nothing keeps the process, though the timeout is longer than the test waits.
  ['done', 'done'],
  // And nothing else keeps this one: without its timer it would end with nobody told.
  ['hung', 'CAROM_TIMEOUT'],
  ['done, then hung', 'CAROM_TIMEOUT'],
  ['hung, then done', 'CAROM_TIMEOUT'],
  ['one of many hung', 'CAROM_TIMEOUT'],
])('a process whose shots are %s ends in time, and says %s', (what, said) => {
  expect(run('timed-process', what)).toEqual({ status: 0, stdout: said, stderr: '' });
});

test('what first attempts do after nobody waits any more is never an unhandled rejection', () => {
  expect(run('late-first-attempts')).toEqual({
    status: 0,
    stdout:
      'each: CAROM_TIMEOUT\nfirst: done\nsync with a clock: CAROM_NOT_SYNC\nsync: CAROM_NOT_SYNC\n' +
      'thenable: CAROM_TIMEOUT\ntotal: CAROM_TIMEOUT\npending: 0\n',
    stderr: '',
  });
});
