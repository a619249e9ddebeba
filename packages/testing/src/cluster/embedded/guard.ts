/** The guard is a watchdog: a small shell that outlives us, to stop our servers and remove their data if we cannot. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * It waits on a pipe that only we hold open, so it notices any end of ours: a return, a signal, an uncaught error, SIGKILL.
 * No signal handler and no exit hook of our own has to get in the way of the program under test. A pid is only
 * signalled while its command line names our folder.
 */
const script = `
cat >/dev/null
folder=$1
running() { [ -n "$(find "$folder" -maxdepth 2 -name postmaster.pid 2>/dev/null)" ]; }
for file in "$folder"/*/postmaster.pid; do
  pid=$(head -n 1 "$file" 2>/dev/null)
  case "$(tr '\\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null || ps -o args= -p "$pid" 2>/dev/null)" in
    *"$folder"*) kill -QUIT "$pid" 2>/dev/null ;;
    *) rm -f "$file" ;;
  esac
done
tries=0
while running && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
until rm -rf "$folder" 2>/dev/null || [ $tries -ge 300 ]; do sleep 0.05; tries=$((tries + 1)); done
`;

/** A guard of one folder. */
export interface Guard {
  /** Lets the guard do its work now and waits for its end: nothing is left of the folder. */
  release(): Promise<void>;
}

/** Puts a guard on a folder whose subfolders are data folders. */
export function guard(folder: string): Guard {
  const shell = spawn('/bin/sh', ['-c', script, 'carom-guard', folder], {
    // Its own session: a Ctrl-C in the terminal is not meant for it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
  const ended = once(shell, 'close');
  // Neither it nor its pipe keeps our process from ending.
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  return {
    release: async (): Promise<void> => {
      shell.ref();
      shell.stdin.end();
      await ended;
    },
  };
}
