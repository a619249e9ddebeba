/** The figures of one run: what is worth knowing about it, computed from its tally. */
import type { Millis } from '@carom/core';
import type { Phase, Scenario } from './scenarios.js';
import { type Tally, windowWidth } from './tally.js';
import type { Audit } from './world.js';

/** What a run leaves behind. */
export interface Run {
  readonly scenario: Scenario;
  readonly duration: Millis;
  readonly tally: Tally;
  /** When the cushion (circuit breaker) went from closed to open. */
  readonly openedAt: readonly Millis[];
  /** Timers still armed, shots still playing when all should be over. */
  readonly timers: number;
  readonly playing: number;
  /** What the callers were told, held against what is true. */
  readonly audit: Audit;
}

/** Goodput is a share: 1 is every answer that a server in good health could have given. */
export interface Figures extends Audit {
  readonly attemptsDuring: number;
  /** In any second since the trouble began. */
  readonly peakAttemptsPerSecond: number;
  readonly goodputDuring: number;
  /** Answers per second while there is trouble: where who asks waits for the answer before, its share says nothing. */
  readonly answersPerSecond: number;
  /** The worst whole second while there is trouble. */
  readonly worstSecondDuring: number;
  readonly goodputFirstSecond: number;
  readonly goodputFirstTen: number;
  /**
   * From the recovery to the end of the first window of 100 ms with 90 % goodput with which a whole
   * second of 90 % begins; `Infinity` for never.
   */
  readonly recovery: Millis;
  /** From the recovery until all those are answered who had come before it. */
  readonly drained: Millis;
  /** The worst second from 2 s after the recovery on: below 0.5 is a second collapse. */
  readonly worstSecondLater: number;
  /** The last 5 s. */
  readonly goodputAtEnd: number;
  readonly openings: number;
  readonly openingsAfter: number;
  readonly answered: number;
  /** The longest that anybody has waited, for an answer or an error. */
  readonly slowest: Millis;
  /** Shots that got an error which says that they were not done. */
  readonly failed: number;
  /** Shots that got an error which leaves it open. */
  readonly unknown: number;
  /** Timers still armed when all shots are over. */
  readonly timersLeft: number;
  /** Shots that never settled. */
  readonly shotsLeft: number;
}

const second: Millis = 1_000;
const enough = 0.9;

export function figures(run: Run): Figures {
  const { scenario, duration, tally, openedAt, timers, playing, audit } = run;
  const { wellAt } = scenario;
  const troubled = troubledTimes(scenario.phases, duration);
  const attempts = (from: Millis, to: Millis): number => tally.attempts.between(from, to);
  const goodput = (from: Millis, to: Millis): number => tally.goodput(from, to);
  const share = sum(troubled, (from, to) => goodput(from, to) * (to - from));
  const answers = sum(troubled, (from, to) => tally.answered.between(from, to));
  const length = sum(troubled, (from, to) => to - from);
  const seconds = starts(troubled[0]?.[0] ?? 0, duration - second);
  const during = troubled.flatMap(([from, to]) => starts(from, Math.min(to, duration) - second));
  const later = starts(wellAt + 2 * second, duration - second);
  const isWell = (at: Millis): boolean =>
    goodput(at, at + windowWidth) >= enough && goodput(at, at + second) >= enough;
  // Where it never gets well there is nothing to recover from: not a number.
  const never = Number.isFinite(wellAt) ? Number.POSITIVE_INFINITY : Number.NaN;
  const recovered = starts(wellAt, duration - second).find(isWell);
  return {
    attemptsDuring: sum(troubled, attempts),
    peakAttemptsPerSecond: Math.max(...seconds.map((at) => attempts(at, at + second))),
    goodputDuring: share / length,
    answersPerSecond: Math.round((answers * second) / length),
    worstSecondDuring: Math.min(...during.map((at) => goodput(at, at + second))),
    goodputFirstSecond: goodput(wellAt, wellAt + second),
    goodputFirstTen: goodput(wellAt, wellAt + 10 * second),
    recovery: recovered === undefined ? never : recovered + windowWidth - wellAt,
    drained: Math.max(0, Math.ceil(tally.lastOfBefore - wellAt)),
    worstSecondLater: Math.min(...later.map((at) => goodput(at, at + second))),
    goodputAtEnd: goodput(duration - 5 * second, duration),
    openings: openedAt.length,
    openingsAfter: openedAt.filter((at) => at >= wellAt).length,
    answered: tally.answered.total,
    slowest: Math.ceil(tally.slowest),
    failed: tally.told.failed.size,
    unknown: tally.told.unknown.size,
    timersLeft: timers,
    shotsLeft: playing,
    ...audit,
  };
}

type Span = readonly [from: Millis, to: Millis];

function troubledTimes(phases: readonly Phase[], duration: Millis): readonly Span[] {
  return phases.flatMap(({ at, trouble }, index): readonly Span[] =>
    trouble ? [[at, phases[index + 1]?.at ?? duration]] : [],
  );
}

function sum(spans: readonly Span[], of: (from: Millis, to: Millis) => number): number {
  return spans.reduce((total, [from, to]) => total + of(from, to), 0);
}

/** All edges of windows from `from` to `to`. */
function starts(from: Millis, to: Millis): readonly Millis[] {
  const count = Math.max(0, Math.floor((to - from) / windowWidth) + 1);
  return Array.from({ length: count }, (_, n) => from + n * windowWidth);
}
