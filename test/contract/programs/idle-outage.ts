/**
 * Meets a server that hangs up, until the circuit is open; then the server takes connections and says nothing. When a
 * question of the prober's is on its way, this has nothing more to do, closes nothing, and should end by itself.
 */
import { once } from 'node:events';
import { cushions } from '@carom/postgres';
import type { Adapter } from '../subject.js';

const [name = '', port] = process.argv.slice(2);
const adapters: Record<string, Adapter> = await import(`../${name}-subject.ts`);
const adapter = adapters[`${name}Adapter`]!;
const config = { host: '127.0.0.1', port: Number(port), user: 'nobody', database: 'none' };
const db = adapter.open(config, { retries: 0, patience: 0 });
while (cushions()[0]?.state !== 'open') await Promise.allSettled([db.count('x')]);
process.stdout.write('open');
await once(process.stdin, 'data');
process.stdin.destroy();
process.stdout.write(`, ${cushions()[0]?.state}`);
