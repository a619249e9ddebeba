/** What the proxy does to a socket: write in batches, end it properly or not. */
import type { Socket } from 'node:net';
import type { Ending } from './faults.js';

/** Writes what comes in one turn as one batch; false when the socket wants no more for now. */
export function send(socket: Socket, bytes: Uint8Array): boolean {
  if (!socket.writable) return true;
  if (socket.writableCorked === 0) {
    socket.cork();
    process.nextTick(() => socket.uncork());
  }
  return socket.write(bytes);
}

/** Ends a connection: `fin` after all that was written, `rst` at once. */
export function finish(socket: Socket, ending: Ending): void {
  if (ending === 'fin') socket.end();
  else if (socket.connecting || isShuttingDown(socket)) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}

/**
 * Whether its FIN is under way. The system refuses a reset then (EINVAL, libuv's rule), and Node would
 * lose the handle: no `close` would ever come.
 */
function isShuttingDown(socket: Socket): boolean {
  return socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
}

/**
 * The same, but what was written has left first. After an RST the peer may drop what it has not read yet, so a peer in this
 * process gets a turn to read it.
 */
export function finishAfterWriting(socket: Socket, ending: Ending): void {
  const later = (): void => {
    setImmediate(() => setImmediate(() => finish(socket, ending)));
  };
  if (ending === 'fin') finish(socket, ending);
  else if (socket.writable) socket.write('', later);
  else later();
}
