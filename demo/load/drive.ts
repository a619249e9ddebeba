/** The driver starts each operation at its time and reports how it went. */
import type { Operation } from './operation.js';

export interface LoadWatcher {
  began(operation: Operation): void;
  succeeded(operation: Operation): void;
  failed(operation: Operation, error: unknown): void;
}

/** A load on its way. */
export interface Load {
  /** Operations that have begun and not ended. */
  readonly inFlight: number;
  /** Begins one more, now. */
  submit(operation: Operation): void;
  /** Begins no planned operation any more. */
  stop(): void;
  /** Resolves when none is in flight, or after so many ms. */
  settled(grace: number): Promise<void>;
}

/** Starts the operations of a plan; `now` is in ms from the beginning of the run. */
export function startLoad(
  plan: readonly Operation[],
  play: (operation: Operation) => Promise<void>,
  watcher: LoadWatcher,
  now: () => number,
): Load {
  let inFlight = 0;
  let next = 0;
  let timer: NodeJS.Timeout | undefined;
  let whenIdle = (): void => undefined;

  const submit = (operation: Operation): void => {
    inFlight += 1;
    watcher.began(operation);
    play(operation)
      .then(
        () => watcher.succeeded(operation),
        (error: unknown) => watcher.failed(operation, error),
      )
      .finally(() => {
        inFlight -= 1;
        if (inFlight === 0) whenIdle();
      });
  };

  const advance = (): void => {
    for (let due = plan[next]; due !== undefined && due.at <= now(); due = plan[next]) {
      next += 1;
      submit(due);
    }
    const following = plan[next];
    if (following !== undefined) timer = setTimeout(advance, Math.max(1, following.at - now()));
  };
  advance();

  return {
    get inFlight(): number {
      return inFlight;
    },
    submit,
    stop: () => clearTimeout(timer),
    settled: (grace) =>
      new Promise((resolve) => {
        if (inFlight === 0) return resolve();
        const late = setTimeout(resolve, grace);
        whenIdle = (): void => {
          clearTimeout(late);
          resolve();
        };
      }),
  };
}
