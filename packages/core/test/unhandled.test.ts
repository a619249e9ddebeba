import { expect, test } from '@jest/globals';
import { run } from './child.js';

// In a process of its own: there, as in a real service, an unhandled rejection is the end.
test('what comes after nobody waits any more is never an unhandled rejection', () => {
  expect(run('late-rejections')).toEqual({
    status: 0,
    stdout:
      'abort: failed\nattempt: failed\ncushion: failed\ndiscard: failed\nlistener: failed\ntimeout: failed\npending: 0\n',
    stderr: '',
  });
});

test('a pocket that is followed by another is never an unhandled rejection', () => {
  expect(run('pockets')).toEqual({ status: 0, stdout: '1 2 3 4 7 8 9 5 6', stderr: '' });
});

test('an async callback that should have answered at once is never an unhandled rejection', () => {
  const stdout = `${'down '.repeat(8)}done down`;
  expect(run('async-answers')).toEqual({ status: 0, stdout, stderr: '' });
});

test('a refusal is an unhandled rejection only when nobody handles it', () => {
  expect(run('refusals')).toMatchObject({ status: 0, stdout: '0 CAROM_CIRCUIT_OPEN' });
});
