/** A crowd is so many callers of one client, each of which asks, hears, thinks, and asks again. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Millis, Random } from '@carom/core';
import type { Client } from './clients/client.js';
import type { Play } from './strategies.js';
import type { Tally } from './tally.js';

export type Kind = 'read' | 'write' | 'transaction' | 'cross' | 'serialize';

export interface CrowdSettings {
  readonly client: Client;
  readonly play: Play;
  readonly tally: Tally;
  readonly callers: number;
  /** Between an answer and the next question, on average. */
  readonly think: Millis;
  /** What they do in turn. */
  readonly kinds: readonly Kind[];
  readonly random: Random;
}

/** Hot rows, of which two transactions want some at the same time; the fewer, the more conflicts. */
const hotRows = { cross: 4, serialize: 2 } as const;

let crowds = 0;

export class Crowd {
  readonly #settings: CrowdSettings;
  readonly #name: number;
  readonly #ended: Promise<unknown>;
  #isOver = false;

  /** They begin at once. */
  constructor(settings: CrowdSettings) {
    this.#settings = settings;
    this.#name = ++crowds;
    const numbers = Array.from({ length: settings.callers }, (_, caller) => caller);
    this.#ended = Promise.all(numbers.map((caller) => this.#call(caller)));
  }

  /** They ask no more; resolves when the last of them has been answered. */
  stop(): Promise<unknown> {
    this.#isOver = true;
    return this.#ended;
  }

  async #call(caller: number): Promise<void> {
    const { play, tally, think, kinds, random } = this.#settings;
    // Not all in the same instant.
    await pause(random() * think);
    for (let nth = 0; !this.#isOver; nth++) {
      const kind = kinds[(caller + nth) % kinds.length] ?? 'read';
      const id = `${this.#name}/${caller}/${nth}`;
      const writes = kind !== 'read';
      await tally.enter({ id, caller, writes }, () => play(() => this.#do(kind, id)));
      if (!this.#isOver) await pause(think * (0.5 + random()));
    }
  }

  #do(kind: Kind, id: string): Promise<unknown> {
    const { client, random } = this.#settings;
    const below = (number: number): number => Math.floor(random() * number);
    switch (kind) {
      case 'cross': {
        const rows = hotRows.cross;
        const first = below(rows);
        const second = (first + 1 + below(rows - 1)) % rows;
        return client.cross(id, first + 1, second + 1);
      }
      case 'serialize':
        return client.serialize(id, 1 + below(hotRows.serialize));
      case 'read':
        return client.read();
      case 'write':
        return client.write(id);
      case 'transaction':
        return client.transaction(id);
    }
  }
}
