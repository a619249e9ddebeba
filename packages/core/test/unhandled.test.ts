import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';

// In a process of its own: there, as in a real service, an unhandled rejection is the end.
test('what comes after nobody waits any more is never an unhandled rejection', () => {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const file = fileURLToPath(new URL('fixtures/late-rejections.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--unhandled-rejections=strict', '--import', tsx, '--conditions=@carom/source', file],
    { encoding: 'utf8', timeout: 30_000 },
  );
  expect(stderr).toBe('');
  expect(stdout).toBe(
    'abort: failed\nattempt: failed\ncushion: failed\ndiscard: failed\nlistener: failed\ntimeout: failed\npending: 0\n',
  );
  expect(status).toBe(0);
});
