/** Lanes are what the page shows under each chart: one row for each sort of event, at the time it happened. */
import { cuts, type FaultKind, faultText } from '../faults/kinds.js';
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
  readonly kind: 'fault' | 'away' | 'circuit' | 'double';
  readonly marks: readonly Mark[];
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

function faultLanes({ faults }: Timeline): readonly Lane[] {
  return laneNames.map((name) => ({
    name,
    kind: name === 'no server' ? 'away' : 'fault',
    marks: faults
      .filter(({ kind }) => laneOf(kind) === name)
      .map(({ kind, from, until }) => ({
        from,
        until,
        sign: signOf(kind),
        title: `${(from / 1_000).toFixed(1)} s: ${faultText(kind).title}`,
      })),
  }));
}

function circuitLane({ circuit = [] }: Timeline, runMs: number): Lane {
  const marks = circuit.flatMap(({ at, state }, index) => {
    const until = Math.min(circuit[index + 1]?.at ?? runMs, runMs);
    if (state === 'closed' || at >= until) return [];
    const sign = state === 'half-open' ? '½' : 'O';
    const title = `${state} from ${(at / 1_000).toFixed(1)} to ${(until / 1_000).toFixed(1)} s`;
    return [{ from: at, until, sign, title }];
  });
  return { name: 'circuit open', kind: 'circuit', marks };
}

function doubleLane({ doubles }: Timeline): Lane {
  const marks = doubles.map((at) => ({
    from: at,
    until: at,
    sign: '‖',
    title: `asked for at ${(at / 1_000).toFixed(1)} s, and done twice`,
  }));
  return { name: 'done twice', kind: 'double', marks };
}

/** The lanes of a run; a strategy without a circuit has no lane for it. */
export function lanesOf({ timeline }: RunResult, runMs: number): readonly Lane[] {
  return [
    doubleLane(timeline),
    ...(timeline.circuit === undefined ? [] : [circuitLane(timeline, runMs)]),
    ...faultLanes(timeline),
  ];
}
