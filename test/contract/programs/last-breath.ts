/**
 * Talks to a server that logs a client in and is shut down in the same breath: ReadyForQuery and FATAL
 * 57P01 in one packet. Real servers do so at a fast shutdown, now and then; this one always does.
 */
import { createServer } from 'node:net';
import type { Adapter } from '../subject.js';

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const greeting = Buffer.concat([
  message('R', Buffer.from([0, 0, 0, 0])),
  message('Z', Buffer.from('I')),
  message(
    'E',
    Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
  ),
]);

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => socket.end(greeting));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

const name = process.argv[2];
const adapters: Record<string, Adapter> = await import(`../${name}-subject.ts`);
const adapter = adapters[`${name}Adapter`]!;
const { port } = server.address() as { port: number };
const config = { host: '127.0.0.1', port, user: 'nobody', database: 'none' };
const db = adapter.open(config, { retries: 1, baseDelay: 0 });
const ends = await Promise.allSettled([db.count('x'), db.transaction((tx) => tx.count('x'))]);
// Whatever an idle connection has to say is said in later turns.
for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
process.stdout.write(ends.map(({ status }) => status).join());
process.exit(0);
