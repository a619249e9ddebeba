/** Progress is for people: one line that changes on a terminal, a line per step elsewhere. */
import process from 'node:process';
import { createLogUpdate } from 'log-update';

export interface Progress {
  /** Says what goes on now, and how much of it is done (0 to 1). */
  at(text: string, done: number): void;
  /** Leaves the screen to others. */
  close(): void;
}

const width = 30;

const bar = (done: number): string => {
  const full = Math.round(done * width);
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
};

/** Progress on a stream. */
export function progressOn(stream: NodeJS.WriteStream, began: number): Progress {
  const seconds = (): string => `${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s`;
  if (stream.isTTY !== true || process.env['TERM'] === 'dumb') {
    return {
      at: (text, done) => stream.write(`${seconds()}  ${(done * 100).toFixed(0)} %  ${text}\n`),
      close: () => undefined,
    };
  }
  const update = createLogUpdate(stream);
  return {
    at: (text, done) => update(`${bar(done)} ${seconds()}  ${text}`),
    close: () => update.clear(),
  };
}
