/** A free port is one that nothing listens on and that no outgoing connection will be given. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ephemeral ranges of Linux (from 32768) and macOS (from 49152). A port inside them could be taken
 * by any outgoing connection while a server is down, or a client that dials it could reach itself.
 */
const lowest = 15_000;
const beyond = 32_000;

/** Whether a listener on 127.0.0.1 can have `port` now. */
function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}

/**
 * A port of 127.0.0.1 on which nothing listens at this moment. Someone may take it before you do: try again then.
 *
 * @throws Error when a hundred tries found none
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; attempt <= 100; attempt += 1) {
    const port = randomInt(lowest, beyond);
    if (await canListen(port)) return port;
  }
  throw new Error(`no free port found on 127.0.0.1 between ${lowest} and ${beyond}`);
}
