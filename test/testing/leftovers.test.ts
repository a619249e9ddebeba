/** Nothing is left behind: no process and no folder, however the program ends that started a cluster. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { needs } from '@carom/testing';
import { expect, jest, test } from '@jest/globals';
import { until } from './waiting.js';

jest.setTimeout(60_000);

const ours = needs('stop', test);

const script = `
  import { startCluster } from '@carom/testing';
  const cluster = await startCluster();
  const sql = "select current_setting('data_directory') as folder, pid from pg_stat_activity where backend_type = 'checkpointer'";
  const { rows } = await cluster.primary.query(sql);
  process.send({ folder: rows[0].folder, pid: rows[0].pid, uid: process.getuid() });
  process.once('message', async (order) => {
    if (order === 'stop') await cluster.stop();
    if (order === 'throw') throw new Error('told to');
    process.disconnect();
  });
`;

interface Started {
  readonly folder: string;
  readonly pid: number;
  readonly uid: number;
}

/** A program that starts a cluster and tells where; as another user where asked. */
async function program(uid?: number): Promise<{ child: ChildProcess; started: Started }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions', '@carom/source', '--input-type=module', '-e', script],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...(uid === undefined ? {} : { uid, gid: uid, env: { PATH: process.env['PATH'] } }),
    },
  );
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const failed = once(child, 'exit').then(() => Promise.reject(new Error(said)));
  const [started] = (await Promise.race([once(child, 'message'), failed])) as [Started];
  failed.catch(() => undefined);
  return { child, started };
}

function alive(pid: number): boolean {
  try {
    // No signal is sent: it only asks.
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function expectNothingLeft({ folder, pid }: Started): Promise<void> {
  await until(() => !alive(pid));
  await until(() => !existsSync(folder.replace(/\/[^/]+$/, '')));
}

ours('after stop()', async () => {
  const { child, started } = await program();
  expect(alive(started.pid)).toBe(true);
  child.send('stop');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  // Not "soon": stop() has waited for it.
  expect(existsSync(started.folder)).toBe(false);
  await expectNothingLeft(started);
});

ours('after an end without stop(), which a cluster does not hold up', async () => {
  const { child, started } = await program();
  child.send('leave');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  await expectNothingLeft(started);
});

ours('after an uncaught error', async () => {
  const { child, started } = await program();
  child.send('throw');
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  await expectNothingLeft(started);
});

ours('after SIGINT and SIGKILL, which end the program as ever', async () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const { child, started } = await program();
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([null, signal]);
    await expectNothingLeft(started);
  }
});

const root = process.getuid?.() === 0;

ours(`as a user other than root${root ? '' : ', which we are'}`, async () => {
  const { child, started } = await program(root ? 65_534 : undefined);
  expect(started.uid).not.toBe(0);
  child.send('stop');
  await once(child, 'exit');
  await expectNothingLeft(started);
});
