import { expect, test } from '@jest/globals';
import { run } from './child.js';

// In a process of its own: what is loaded cannot be loaded again.
test.each([
  ['event', 'completed'],
  ['trace', 'started'],
  ['store', 'bound'],
])('who subscribed before this package was loaded hears of every shot: %s', (which, word) => {
  const { status, stdout, stderr } = run('early-subscribers', which);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ heard: [word, word], fast: true });
});
