/** A server that takes connections and says nothing, as a pooler may whose database is away. */
import { createServer, type Socket } from 'node:net';

export interface MuteServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** As many as were open at one time. */
  readonly most: number;
}

export async function startMuteServer(): Promise<MuteServer> {
  const open = new Set<Socket>();
  let connections = 0;
  let most = 0;
  const server = createServer((socket) => {
    connections += 1;
    open.add(socket);
    most = Math.max(most, open.size);
    socket
      .on('error', () => {})
      .on('close', () => open.delete(socket))
      .resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    host: '127.0.0.1',
    port,
    get connections() {
      return connections;
    },
    get most() {
      return most;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
