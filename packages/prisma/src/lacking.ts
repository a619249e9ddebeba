/** What is lacking is why the lost COMMITs of a client cannot be settled: no `caromAdapter`, or a driver that is not known. */
import { invalid, processWide } from '@carom/core';
import type { ExecutionCallOptions } from '@carom/postgres';
import { isCaromAdapter } from './adapter.js';
import type { Factory } from './driver.js';
import { adapterOf } from './internals.js';
import { cannotGuard, fix } from './no-adapter.js';

const pgAdapter = '@prisma/adapter-pg';
const withoutAdapter = 'the client was made without caromAdapter';

/** Why lost COMMITs of `client` stay unknown; undefined where they are settled. */
export function lackingOf(client: unknown): string | undefined {
  const factory = adapterOf(client) as Factory | undefined;
  if (!isCaromAdapter(factory)) return withoutAdapter;
  const { adapterName: name } = factory;
  if (name === pgAdapter) return undefined;
  return `only connections of ${pgAdapter} are known, and this client's adapter is ${String(name)}`;
}

/**
 * Makes sure that what was asked for can be done.
 * @throws {CaromError} `CAROM_NO_ADAPTER` for `exactlyOnce` or `commit: 'fence'` where something is lacking.
 * @throws {InvalidOptionError} for `connectPatience` where the connections are not `@prisma/adapter-pg`'s.
 */
export function checkLacking(
  client: unknown,
  lacking: string | undefined,
  options: Pick<ExecutionCallOptions, 'exactlyOnce' | 'commit' | 'connectPatience'>,
): void {
  const { exactlyOnce, commit, connectPatience } = options;
  const { adapterName } = (adapterOf(client) ?? {}) as Partial<Factory>;
  if (connectPatience !== undefined && adapterName !== pgAdapter) {
    throw invalid('connectPatience', connectPatience, `only with ${pgAdapter}`);
  }
  if (lacking === undefined || (exactlyOnce !== true && commit !== 'fence')) return;
  throw cannotGuard(lacking);
}

const warned: { done: boolean } = processWide('prisma-adapter-warning', () => ({ done: false }));

/** Says once per process that lost COMMITs stay unknown, and what to do about it. */
export function warnLacking(lacking: string | undefined): void {
  if (lacking !== withoutAdapter || warned.done) return;
  warned.done = true;
  process.emitWarning(
    `Carom cannot settle a COMMIT whose answer is lost, since ${lacking}: ${fix}; or choose caromStrategy({ commit: 'none' })`,
    { code: 'CAROM_NO_ADAPTER' },
  );
}
