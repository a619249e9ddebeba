/** A child is a process of a program here: what it has to count is its own, or its life is what is at stake. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Adapter } from '../clients/adapters.js';
import type { ClientSettings } from '../clients/client.js';
import type { StrategyName } from '../strategies.js';

/** What a program is told first. */
export interface Task {
  readonly adapter: Adapter;
  readonly strategy: StrategyName;
  readonly config: ClientSettings['config'];
}

/** Starts a program and tells it its task. */
export function start(program: string, task: Task): ChildProcess {
  const file = fileURLToPath(new URL(program, import.meta.url));
  return tell(file, task, ['--conditions=@carom/source', '--import', 'tsx']);
}

/** The same with a file of plain JavaScript. */
export function startPlain(file: string, task: Task, flags: readonly string[]): ChildProcess {
  return tell(file, task, flags);
}

function tell(file: string, task: Task, execArgv: readonly string[]): ChildProcess {
  const child = fork(file, {
    execArgv: [...execArgv],
    // Jest's own flags are not for it; what it dies of is told by its exit code.
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  child.send(task);
  return child;
}

/** What it says next, or undefined when it has died. */
export async function next<T>(child: ChildProcess): Promise<T | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const controller = new AbortController();
  const { signal } = controller;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as T),
      once(child, 'exit', { signal }).then(() => undefined),
    ]);
  } finally {
    controller.abort();
  }
}

/** Its own side of it: the task. */
export async function task<T extends Task>(): Promise<T> {
  const [message] = await once(process, 'message');
  return message as T;
}

export function say(what: object | string): void {
  process.send?.(what);
}
