/** What Carom decided in a run, as numbers with their words: from the events of its scoreboard. */
import type { DecisionsShown } from '../tally/decisions.js';
import { count, duration } from '../view/view.js';

/** One number, and what it counts. */
export interface Decided {
  /** The lane of the timeline in which it can be seen. */
  readonly lane: 'circuit' | 'waiting' | 'again' | 'out' | 'settled' | 'unknown';
  readonly number: number;
  readonly what: string;
  /** What is in it. */
  readonly detail: string;
}

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

function breakdown(counts: Readonly<Partial<Record<string, number>>>): string {
  const kinds = Object.entries(counts).filter(([, value]) => value !== undefined && value > 0);
  return kinds
    .toSorted(([, a = 0], [, b = 0]) => b - a)
    .map(([kind, value = 0]) => `${count(value)} ${kind}`)
    .join(', ');
}

/** How long a circuit was not closed, in ms. */
function openFor({ circuit }: DecisionsShown, runMs: number): number {
  return sum(
    circuit.map(({ at, state }, index) =>
      state === 'closed' ? 0 : Math.max(0, Math.min(circuit[index + 1]?.at ?? runMs, runMs) - at),
    ),
  );
}

const one = (value: number, singular: string, plural: string): string =>
  value === 1 ? singular : plural;

/** In the order of the lanes. */
export function decided(decisions: DecisionsShown, runMs: number): readonly Decided[] {
  const { circuit, waiting, settled, unknown, totals } = decisions;
  const opened = circuit.filter(({ state }) => state === 'open').length;
  const again = sum(Object.values(totals.retries));
  const committed = settled.filter(({ outcome }) => outcome === 'committed').length;
  return [
    {
      ...{ lane: 'circuit', number: opened },
      what: one(opened, 'time the circuit opened', 'times the circuit opened'),
      detail: `for ${duration(openFor(decisions, runMs))} in all: no load on a server that is down`,
    },
    {
      ...{ lane: 'waiting', number: totals.parked },
      what: one(totals.parked, 'operation waited for it', 'operations waited for it'),
      detail: `at most ${count(Math.max(0, ...waiting))} at once, instead of failing`,
    },
    {
      ...{ lane: 'again', number: again },
      what: one(again, 'attempt was played again', 'attempts were played again'),
      detail: breakdown(totals.retries) || 'none failed',
    },
    {
      ...{ lane: 'out', number: totals.discarded },
      what: one(totals.discarded, 'connection was thrown away', 'connections were thrown away'),
      detail:
        totals.drained === 0
          ? 'and no pool drained'
          : `and ${count(totals.drained)} ${one(totals.drained, 'pool', 'pools')} drained`,
    },
    {
      ...{ lane: 'settled', number: settled.length },
      what: one(settled.length, 'lost COMMIT was settled', 'lost COMMITs were settled'),
      detail: `✓ ${count(committed)} had committed, ↺ ${count(settled.length - committed)} had not`,
    },
    {
      ...{ lane: 'unknown', number: unknown.length },
      what: one(unknown.length, 'write stays unknown', 'writes stay unknown'),
      detail: '? nobody can say, and the caller is told so',
    },
  ];
}
