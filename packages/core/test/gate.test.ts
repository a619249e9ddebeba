/** A gate of an adapter's own: attempts pass it after the cushion and before the other gates. */
import { createStrategy, type Gate } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';

/** Lets nobody in until it is opened. */
class Door implements Gate {
  readonly log: string[] = [];
  isOpen = false;
  #open: () => void = () => {};
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve;
  });

  open(): void {
    this.isOpen = true;
    this.#open();
  }

  tryEnter(): boolean {
    if (this.isOpen) this.log.push('in');
    return this.isOpen;
  }

  async enter(): Promise<void> {
    this.log.push('waits');
    await this.#opened;
    this.log.push('in');
  }

  mayWait(): boolean {
    return true;
  }

  refusal(): Error {
    return new Error('no');
  }

  leave(): void {
    this.log.push('out');
  }
}

test('it holds attempts up, and hears of the end of each', async () => {
  const door = new Door();
  const strategy = createStrategy({ clock: new ManualClock(), gate: door });
  const shot = strategy.shot(() => door.log.push('plays'));
  await Promise.resolve();
  expect(door.log).toEqual(['waits']);
  door.open();
  await shot;
  expect(await strategy.shot(() => 'done')).toBe('done');
  expect(await strategy.shot(() => 'done', { patience: 1_000 })).toBe('done');
  expect(door.log).toEqual(['waits', 'in', 'plays', 'out', 'in', 'out', 'in', 'out']);
});
