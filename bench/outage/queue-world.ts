/** The world of a server that is a queue: what reaches it is a job, and nothing is written. */
import type { Random } from '@carom/core';
import type { Player } from './contestants.js';
import { Server } from './server.js';
import type { Source } from './source.js';
import type { VirtualClock } from './virtual-clock.js';
import { type Listener, nothingWritten, type World } from './world.js';

export function queueWorld(
  create: (source: Source, server: Server) => Player,
  { clock, chance, random }: { clock: VirtualClock; chance: Random; random: Random },
  { attempted, opened }: Listener,
): World {
  const server = new Server(clock, chance);
  const strategy = create({ clock, random }, server);
  strategy.cushion?.onChange((state, before) => {
    if (state === 'open' && before === 'closed') opened();
  });
  const send = (): Promise<void> => {
    attempted();
    return server.request();
  };
  return {
    shot: () => strategy.shot(send),
    isUnknown: () => false,
    become: (phase) => server.become(phase),
    audit: () => nothingWritten,
    close: () => {},
  };
}
