/** A listener takes connections on one port of 127.0.0.1, and can stop doing so and begin again on the same port. */
import { createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../free-port.js';

const attempts = 5;

export class Listener {
  /** Given each connection. */
  onSocket: (socket: Socket) => void = (socket) => socket.destroy();
  #server: Server | undefined;

  /**
   * Listens on `port`, or on a free one; resolves with the port.
   *
   * @throws the system's error when the port is taken; without a given port, only when several were
   */
  async open(port?: number): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      const chosen = port ?? (await freePort());
      try {
        await this.#listen(chosen);
        return chosen;
      } catch (error) {
        if (port !== undefined || attempt === attempts) throw error;
      }
    }
  }

  /** New connections are refused by the system from now on; the open ones stay. */
  close(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  #listen(port: number): Promise<void> {
    // Half-open: each side's end is passed on as what it was, when it comes.
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.onSocket(socket),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1' }, () => {
        this.#server = server;
        resolve();
      });
    });
  }
}
