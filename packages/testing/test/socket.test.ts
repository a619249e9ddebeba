import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { finish } from '../src/proxy/socket.js';

let near: Socket;
let far: Socket;

beforeEach(async () => {
  const server = createServer({ allowHalfOpen: true });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection');
  near = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  await once(near, 'connect');
  [far] = (await accepted) as [Socket];
  far.on('error', () => undefined);
  server.close();
});

afterEach(() => {
  near.destroy();
  far.destroy();
});

test.each(['fin', 'rst'] as const)('a socket that is ended with %s closes', async (ending) => {
  far.on('end', () => far.end()).resume();
  const closed = once(near.resume(), 'close');
  finish(near, ending);
  await closed;
  expect(near.destroyed).toBe(true);
});

test('a socket that is still saying goodbye can be ended at once, and closes', async () => {
  const closed = once(near, 'close');
  // More than the kernel takes, so that its FIN waits behind it.
  near.write(Buffer.alloc(64 * 1024 * 1024));
  near.end();
  finish(near, 'rst');
  await closed;
  expect(near.destroyed).toBe(true);
});

test('the same when only the goodbye is on its way', async () => {
  const closed = once(near, 'close');
  near.end();
  // In the turn in which the shutdown is asked for, before the kernel has answered.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  finish(near, 'rst');
  await closed;
  expect(near.destroyed).toBe(true);
});
