/** The instruments of the metrics: their names, units and descriptions. Durations are in seconds. */
import type {
  Counter,
  Gauge,
  Histogram,
  Meter,
  ObservableCounter,
  UpDownCounter,
} from '@opentelemetry/api';

/** From a local query to an outage. */
const boundaries: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** All of them. */
export interface Instruments {
  readonly duration: Histogram;
  readonly outcomes: ObservableCounter;
  readonly retries: Counter;
  readonly delay: Histogram;
  readonly budgetLeft: Gauge;
  readonly budgetExhausted: Counter;
  readonly parked: UpDownCounter;
  readonly parkedTime: Histogram;
  readonly rejected: Counter;
  readonly timeouts: Counter;
  readonly fallbacks: Counter;
  readonly opened: Counter;
  readonly state: Gauge;
  readonly resolution: Histogram;
  readonly unknown: Counter;
  readonly discarded: Counter;
  readonly drained: Counter;
}

/** Makes them. */
export function instrumentsOf(meter: Meter): Instruments {
  const counter = (name: string, unit: string, description: string): Counter =>
    meter.createCounter(name, { unit, description });
  const time = (name: string, description: string): Histogram =>
    meter.createHistogram(name, {
      ...{ unit: 's', description },
      advice: { explicitBucketBoundaries: [...boundaries] },
    });
  return {
    duration: time('carom.shot.duration', 'Time of a shot, all attempts and delays together.'),
    outcomes: meter.createObservableCounter('carom.shot.outcomes', {
      ...{ unit: '{shot}', description: 'Shots by what became of their work.' },
    }),
    retries: counter('carom.retry.attempts', '{attempt}', 'Attempts that were played again.'),
    delay: time('carom.retry.delay', 'Delay before an attempt that is played again.'),
    budgetLeft: meter.createGauge('carom.retry.budget.left', {
      ...{ unit: '{attempt}', description: 'What the retry budget had left at the last retry.' },
    }),
    budgetExhausted: counter(
      'carom.retry.budget.exhausted',
      '{shot}',
      'Shots not played again because the budget was used up.',
    ),
    parked: meter.createUpDownCounter('carom.shot.parked', {
      ...{ unit: '{shot}', description: 'Shots that wait to be let in.' },
    }),
    parkedTime: time('carom.shot.parked.time', 'Time until a shot that waited was let in.'),
    rejected: counter('carom.shot.rejected', '{shot}', 'Shots that were not let in.'),
    timeouts: counter('carom.shot.timeouts', '{timeout}', 'Clocks that ran out.'),
    fallbacks: counter('carom.fallback.used', '{shot}', 'Shots answered by a fallback.'),
    opened: counter('carom.circuit.opened', '{transition}', 'Circuits that opened.'),
    state: meter.createGauge('carom.circuit.state', {
      description: '1 for the state that a circuit is in, 0 for the others.',
    }),
    resolution: time('carom.outcome.resolution.time', 'Time to settle a lost COMMIT.'),
    unknown: counter('carom.outcome.unknown', '{shot}', 'Writes of which nobody can say.'),
    discarded: counter('carom.connection.discarded', '{connection}', 'Connections thrown away.'),
    drained: counter('carom.pool.drained', '{pool}', 'Pools whose idle connections were dropped.'),
  };
}
