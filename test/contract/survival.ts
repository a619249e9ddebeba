/** The contract for the process: whatever a connection does, the process lives. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import type { Adapter } from './subject.js';

const program = fileURLToPath(new URL('programs/last-breath.ts', import.meta.url));
const idle = fileURLToPath(new URL('programs/idle-outage.ts', import.meta.url));
const loading = ['--conditions=@carom/source', '--import', 'tsx'];
const run = promisify(execFile);

export function survivalContract(adapter: Adapter): void {
  test('a FATAL in the packet that makes a connection ready ends no process', async () => {
    const { stdout } = await run(process.execPath, [...loading, program, adapter.name], {
      env: { ...process.env, NODE_OPTIONS: '' },
      timeout: 30_000,
    });
    expect(stdout).toBe('rejected,rejected');
  }, 40_000);

  test('an open circuit and a question on its way keep no process alive', async () => {
    let isMute = false;
    let asked: () => void = () => {};
    const question = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      if (isMute) asked();
      else socket.resetAndDestroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const child = spawn(process.execPath, [...loading, idle, adapter.name, String(port)], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 30_000,
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      isMute = true;
    });
    await question;
    child.stdin.end('go');
    const [code, signal] = await once(child, 'exit');
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    expect([said, code, signal]).toEqual(['open, open', 0, null]);
  }, 40_000);
}
