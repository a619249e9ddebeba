/** A cancel request asks a server, on a connection of its own, to break off what another connection runs. */
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** What is needed of the `pg` client whose statement is to be broken off. */
export interface CancelableClient {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly ssl?: boolean | object | null | undefined;
  readonly processID?: number | null | undefined;
  readonly secretKey?: unknown;
}

/** PostgreSQL's protocol, 54.7 «Message Formats»: CancelRequest and SSLRequest. */
const cancelCode = 80_877_102;
const sslCode = 80_877_103;

/** How long the server may take to hang up, in ms. */
const longestWait = 5_000;

/**
 * Sends the request of the protocol, which goes the same way as the connection, through poolers too; a pid alone may be
 * somebody else's there. Resolves when the server has dealt with it, or cannot be reached; never rejects.
 */
export async function requestCancel(client: CancelableClient): Promise<void> {
  const { processID, secretKey } = client;
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(cancelCode, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  await new Promise<void>((resolve) => {
    const socket = dial(client);
    const over = (): void => {
      socket.destroy();
      resolve();
    };
    // The server answers by hanging up. Who hangs up first, or half, is taken by PgBouncer to have changed his mind.
    socket.on('error', over).on('close', over).setTimeout(longestWait, over);
    if (!client.ssl) {
      socket.write(request);
      return;
    }
    socket.once('data', (answer) => {
      if (answer[0] !== 'S'.charCodeAt(0)) return over();
      connectTls({ ...tlsOptions(client), socket })
        .on('error', over)
        .on('close', over)
        .write(request);
    });
    const askForTls = Buffer.alloc(8);
    askForTls.writeInt32BE(8, 0);
    askForTls.writeInt32BE(sslCode, 4);
    socket.write(askForTls);
  });
}

function dial({ host = 'localhost', port = 5432 }: CancelableClient): Socket {
  const socket = host.startsWith('/')
    ? connect(`${host}/.s.PGSQL.${port}`)
    : connect({ host, port });
  // Nobody's process is kept alive by it.
  return socket.unref();
}

function tlsOptions({ host = '', ssl }: CancelableClient): ConnectionOptions {
  const given = typeof ssl === 'object' && ssl !== null ? (ssl as ConnectionOptions) : {};
  return isIP(host) === 0 ? { servername: host, ...given } : given;
}
