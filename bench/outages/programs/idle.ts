/** A process whose pool lies idle while all its connections are killed. */
import { once } from 'node:events';
import { makers } from '../clients/adapters.js';
import { poolSize } from '../clients/client.js';
import { downToZero } from '../leftovers.js';
import { playOf } from '../strategies.js';
import { say, task } from './child.js';

const { adapter, strategy, config } = await task();
const carom = strategy === 'carom' ? { exactlyOnce: true } : undefined;
// What a program does that nobody has warned.
const client = makers[adapter]({ config, carom, isGuarded: false });
const play = playOf(strategy);

await Promise.all(Array.from({ length: poolSize }, () => client.read()));
say('idle');
await once(process, 'message');
const work = [() => client.read(), () => client.write('idle/0')];
const results = await Promise.allSettled(work.map((call) => play(call)));
const isGood = results.map(({ status }) => status === 'fulfilled');
// Who was answered may still be giving back; and a connection that another one made needless may still be made.
const slots = await downToZero(() => client.slots, carom === undefined ? 0 : undefined);
await client.close();
say({ failed: isGood.filter((good) => !good).length, slots });
process.disconnect();
