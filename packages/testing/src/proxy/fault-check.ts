/** The check of a fault: what each kind takes and needs, so that a wrong one is refused where it is made. */
import { anyOf, type Check, type Checks, checkOptions, invalid } from '@carom/core';
import type { Fault } from './faults.js';

const words = ['connect', 'cancel', 'statement', 'BEGIN', 'COMMIT', 'ROLLBACK'];

const wholeFrom =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least
      ? undefined
      : `a whole number from ${least}`;

const trigger: Check = (at) => {
  const allowed = `${words.join(', ')}, { query } or { matches }`;
  if (typeof at !== 'object' || at === null) return words.includes(`${at}`) ? undefined : allowed;
  if ('query' in at) return wholeFrom(1)(at.query) === undefined ? undefined : allowed;
  const matches = 'matches' in at ? at.matches : undefined;
  return typeof matches === 'string' || matches instanceof RegExp ? undefined : allowed;
};

const side = anyOf('before', 'after-server');
const ending = anyOf('fin', 'rst');

/** What every kind takes. */
const common: Checks = { kind: () => undefined, at: trigger, times: wholeFrom(1) };

/** What each kind takes besides, and which of it has no default. */
const kinds: Readonly<Record<Fault['kind'], { readonly takes: Checks; readonly needs: string[] }>> =
  {
    cut: {
      takes: { when: anyOf('before', 'after-server', 'after-answer'), how: ending },
      needs: ['at', 'when'],
    },
    partialRows: { takes: { rows: wholeFrom(0), how: ending }, needs: ['at', 'rows'] },
    stall: { takes: { when: side }, needs: ['at'] },
    blackHole: { takes: { when: side }, needs: ['at'] },
    delay: { takes: { when: side, ms: wholeFrom(0) }, needs: ['at', 'ms'] },
  };

/** @throws InvalidOptionError that names what is wrong with a fault */
export function checkFault(fault: Fault): void {
  if (!Object.hasOwn(kinds, fault.kind)) {
    throw invalid('kind', fault.kind, Object.keys(kinds).join(', '));
  }
  const { takes, needs } = kinds[fault.kind];
  const checks = { ...common, ...takes };
  checkOptions(fault, checks);
  for (const name of needs) {
    const value = (fault as unknown as Readonly<Record<string, unknown>>)[name];
    const allowed = value === undefined ? checks[name]?.(value) : undefined;
    if (allowed !== undefined) throw invalid(name, value, allowed);
  }
}
