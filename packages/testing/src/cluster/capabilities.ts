/** Capabilities are what a test may do to its cluster: all to one that the kit owns, nothing that breaks another's. */
import type { Capability } from './capability.js';
import { type Source, sourceOf } from './source.js';

/** Whether a cluster can be stopped and started, can have a standby, and lets backends be killed. */
export type Capabilities = { readonly [capability in Capability]: boolean };

const byKind: Readonly<Record<Source['kind'], Capabilities>> = {
  embedded: { stop: true, standby: true, kill: true },
  // One container is one server: two that find each other need a network of their own.
  docker: { stop: true, standby: false, kill: true },
  // The server is somebody's. Only backends of the kit's own database may be killed.
  url: { stop: false, standby: false, kill: true },
};

const because: Readonly<Record<Capability, string>> = {
  stop: 'this test stops the server',
  standby: 'this test needs a standby',
  kill: 'this test kills backends',
};

const named: Readonly<Record<Source['kind'], string>> = {
  embedded: '"embedded"',
  docker: '"docker"',
  url: 'a URL',
};

/** What clusters of this source can do; the source is `CAROM_TEST_PG` unless given. */
export function capabilitiesOf(source: Source = sourceOf()): Capabilities {
  return byKind[source.kind];
}

/**
 * Why a test with this need is to be skipped, for example `skipped: CAROM_TEST_PG is a URL, and this test stops the
 * server`; undefined when it can run.
 */
export function skipReason(need: Capability, source: Source = sourceOf()): string | undefined {
  if (byKind[source.kind][need]) return undefined;
  return `skipped: CAROM_TEST_PG is ${named[source.kind]}, and ${because[need]}`;
}

/** The part of `test` or `describe` of jest, vitest and node:test that `needs` uses. */
export interface Runner<Body> {
  (name: string, body: Body, timeout?: number): unknown;
  readonly skip: (name: string, body: Body, timeout?: number) => unknown;
}

/**
 * `test` or `describe` for what only some clusters can do: where they cannot, it is skipped and its name says why.
 *
 *     needs('stop', test)('a restart is survived', async () => { … });
 */
export function needs<Body>(
  need: Capability,
  runner: Runner<Body>,
): (name: string, body: Body, timeout?: number) => void {
  const reason = skipReason(need);
  return (name, body, timeout) => {
    if (reason === undefined) runner(name, body, timeout);
    else runner.skip(`${name} (${reason})`, body, timeout);
  };
}
