/** A sample of what a demo found, small and made up, for the tests of what shows it. */
import { faultKinds } from '../../demo/faults/kinds.js';
import type { ReportData } from '../../demo/report/data.js';
import { countFaults, schedule } from '../../demo/schedule.js';
import { type StrategyName, strategies } from '../../demo/strategies.js';
import type { DecisionsShown } from '../../demo/tally/decisions.js';
import type { Numbers, RunResult } from '../../demo/tally/result.js';

const clean: Numbers = {
  shots: 1_200,
  failed: 140,
  duplicates: 0,
  lost: 0,
  unknown: 36,
  lies: 0,
  pending: 0,
  faultsPlayed: 13,
  retries: 0,
  brokenAccounts: 0,
  overchargedCents: 0,
  p50: 4.6,
  p99: 812.3,
  longestStall: 1_234.5,
};

const differing: Readonly<Record<StrategyName, Partial<Numbers>>> = {
  none: {},
  naive: {
    failed: 90,
    duplicates: 14,
    unknown: 6,
    lies: 2,
    retries: 410,
    overchargedCents: 55_250,
  },
  carom: { failed: 0, unknown: 9, retries: 230, p99: 1_900 },
};

const decisions: DecisionsShown = {
  circuit: [
    { at: 0, state: 'closed' },
    { at: 500, state: 'open' },
    { at: 800, state: 'half-open' },
    { at: 850, state: 'closed' },
  ],
  retries: [0, 0, 3, 9, 1, 0, 0, 0],
  waiting: [0, 0, 12, 20, 4, 0, 0, 0],
  discarded: [1, 0, 6, 0, 0, 0, 0, 0],
  settled: [
    { at: 120, outcome: 'committed', why: 'the server says so' },
    { at: 620, outcome: 'rolled-back', why: 'the server says so' },
  ],
  unknown: [{ at: 610, why: 'the connection was lost' }],
  totals: {
    retries: { contention: 1, outage: 12 },
    parked: 24,
    discarded: 7,
    drained: 1,
    failed: { unknown: 1 },
  },
};

/** The run of one strategy, with other numbers where given. */
export function sampleRun(strategy: StrategyName, numbers: Partial<Numbers> = {}): RunResult {
  return {
    strategy,
    numbers: { ...clean, ...differing[strategy], ...numbers },
    evidence: [],
    timeline: {
      stretch: 250,
      succeeded: [10, 12, 0, 0, 9, 13, 12, 12],
      errors: [0, 0, 8, 9, 1, 0, 0, 0],
      faults: faultKinds.map((kind, index) => ({
        kind,
        from: index * 100,
        until: index * 100 + 50,
      })),
      doubles: strategy === 'naive' ? [300, 450] : [],
      decisions: strategy === 'carom' ? decisions : undefined,
    },
  };
}

/** A whole demo of three runs of 2 s. */
export function sampleDemo(carom: Partial<Numbers> = {}): ReportData {
  return {
    seed: 7,
    seconds: 6,
    runMs: 2_000,
    faults: countFaults(schedule(7, 2_000)),
    results: strategies.map((name) => sampleRun(name, name === 'carom' ? carom : {})),
  };
}
