/** Lanes are what the page shows under each chart: one row for each sort of event, at the time it happened. */
import { cuts, type FaultKind, faultText } from '../faults/kinds.js';
import type { DecisionsShown } from '../tally/decisions.js';
import type { RunResult } from '../tally/result.js';
import type { Timeline } from '../tally/timeline.js';

/** Something at a time, or from a time to another. In ms from the beginning of the run. */
export interface Mark {
  readonly from: number;
  readonly until: number;
  /** One character. */
  readonly sign: string;
  /** What a pointer that rests on it is told. */
  readonly title: string;
}

export interface Lane {
  readonly name: string;
  readonly kind: 'fault' | 'away' | 'circuit' | 'double' | 'settled' | 'unknown' | 'bars';
  readonly marks: readonly Mark[];
  /** One bar for each stretch, in place of marks. */
  readonly bars?: readonly number[];
}

/** Lanes that belong together, under a heading. */
export interface LaneGroup {
  readonly title: string;
  readonly lanes: readonly Lane[];
}

const laneOf = (kind: FaultKind): string => {
  const cut = cuts[kind];
  if (cut !== undefined) return cut.target === 'commit' ? 'COMMIT cut' : 'INSERT cut';
  if (kind === 'deadlock') return 'deadlock';
  return kind === 'kill-backends' ? 'killed' : 'no server';
};

const laneNames = ['no server', 'killed', 'deadlock', 'COMMIT cut', 'INSERT cut'] as const;

/** Cuts are told apart by what the server had: nothing yet, or everything. */
const signOf = (kind: FaultKind): string => {
  const when = cuts[kind]?.when;
  if (when === undefined) return faultText(kind).letter;
  return when === 'before' ? '○' : '●';
};

const second = (ms: number): string => (ms / 1_000).toFixed(1);
const moment = (at: number, sign: string, said: string): Mark => ({
  ...{ from: at, until: at, sign },
  title: `${second(at)} s: ${said}`,
});

function faultLanes({ faults }: Timeline): readonly Lane[] {
  return laneNames.map((name) => ({
    name,
    kind: name === 'no server' ? 'away' : 'fault',
    marks: faults
      .filter(({ kind }) => laneOf(kind) === name)
      .map(({ kind, from, until }) => ({
        ...moment(from, signOf(kind), faultText(kind).title),
        until,
      })),
  }));
}

function circuitLane({ circuit }: DecisionsShown, runMs: number): Lane {
  const marks = circuit.flatMap(({ at, state }, index) => {
    const until = Math.min(circuit[index + 1]?.at ?? runMs, runMs);
    if (state === 'closed' || at >= until) return [];
    const sign = state === 'half-open' ? '½' : 'O';
    const title = `${state} from ${second(at)} to ${second(until)} s`;
    return [{ from: at, until, sign, title }];
  });
  return { name: 'circuit open', kind: 'circuit', marks };
}

function decisionLanes(decisions: DecisionsShown, runMs: number): readonly Lane[] {
  const { waiting, retries, discarded, settled, unknown } = decisions;
  const bars = (name: string, counts: readonly number[]): Lane => ({
    ...{ name, kind: 'bars', marks: [], bars: counts },
  });
  return [
    circuitLane(decisions, runMs),
    bars('waiting', waiting),
    bars('played again', retries),
    bars('thrown away', discarded),
    {
      ...{ name: 'settled', kind: 'settled' },
      marks: settled.map(({ at, outcome, why }) =>
        moment(at, outcome === 'committed' ? '✓' : '↺', `${outcome}: ${why}`),
      ),
    },
    {
      ...{ name: 'unknown', kind: 'unknown' },
      marks: unknown.map(({ at, why }) => moment(at, '?', `nobody can say: ${why}`)),
    },
  ];
}

function doubleLane({ doubles }: Timeline): Lane {
  const marks = doubles.map((at) => ({
    from: at,
    until: at,
    sign: '‖',
    title: `asked for at ${second(at)} s, and done twice`,
  }));
  return { name: 'done twice', kind: 'double', marks };
}

/** The lanes of a run; a strategy that decides nothing has none for decisions. */
export function lanesOf({ timeline }: RunResult, runMs: number): readonly LaneGroup[] {
  const { decisions } = timeline;
  return [
    { title: 'what went wrong', lanes: faultLanes(timeline) },
    ...(decisions === undefined
      ? []
      : [{ title: 'what Carom did', lanes: decisionLanes(decisions, runMs) }]),
    { title: 'what came of it', lanes: [doubleLane(timeline)] },
  ];
}
