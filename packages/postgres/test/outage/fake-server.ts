/** A server that is no server: the test says how it takes connections, and what it answers. */
import type { Connect, OwnClient } from '../../src/commit/line.js';

export type Mood = 'well' | 'standby' | 'hangs' | 'never connects' | 'puzzled' | Error;

export const refused: Error = Object.assign(new Error('connect'), {
  code: 'ECONNREFUSED',
  syscall: 'connect',
});

export class FakeServer {
  mood: Mood = refused;
  connections = 0;
  /** Those that are open or being opened. */
  open = 0;
  most = 0;
  /** Sockets that were hung up, and those that may keep the process alive. */
  hungUp = 0;
  held = 0;

  readonly connect: Connect = (begun) => {
    this.connections += 1;
    this.open += 1;
    this.held += 1;
    this.most = Math.max(this.most, this.open);
    const { mood } = this;
    let refuse: (error: Error) => void = () => {};
    const leave = (): void => {
      this.open -= 1;
      refuse(new Error('hung up'));
    };
    const stream = {
      destroy: (): void => {
        this.hungUp += 1;
        leave();
      },
      unref: (): void => {
        this.held -= 1;
      },
    };
    const answer = async (): Promise<unknown> => {
      if (mood === 'hangs') return await new Promise(() => {});
      if (mood === 'puzzled') throw Object.assign(new Error('no such function'), { code: '42883' });
      return { rows: [[mood === 'standby' ? 't' : 'f']] };
    };
    const end = async (): Promise<void> => leave();
    const on = (): void => {};
    const client: OwnClient = { query: answer, end, on, off: on, connection: { stream } };
    begun?.(client);
    return new Promise((resolve, reject) => {
      refuse = reject;
      if (typeof mood === 'string' && mood !== 'never connects') resolve(client);
      if (typeof mood === 'string') return;
      this.open -= 1;
      reject(mood);
    });
  };
}

export const saying = (code: string): Error =>
  Object.assign(
    new Error(code),
    /^[0-9A-Z]{5}$/.test(code) ? { code, severity: 'FATAL' } : { code },
  );
