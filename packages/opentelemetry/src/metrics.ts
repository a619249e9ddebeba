/** Metrics: what the scoreboard tells, counted and timed. */
import type { CircuitEvent, Millis, ShotEvent } from '@carom/core';
import { scoreboard } from '@carom/postgres';
import type { Attributes, Context, Meter, ObservableCallback } from '@opentelemetry/api';
import { type Attributed, names } from './attributes.js';
import { Durations } from './durations.js';
import { type End, Ends } from './ends.js';
import { type Instruments, instrumentsOf } from './instruments.js';

const seconds = (ms: Millis): number => ms / 1_000;

const states = {
  circuitClosed: 'closed',
  circuitOpened: 'open',
  circuitHalfOpened: 'half-open',
  circuitIsolated: 'isolated',
} as const;

/** Records what is told, in the context of the shot's span: exemplars lead there. */
export class Metrics {
  readonly #attributed: Attributed;
  readonly #contextOf: (id: number) => Context | undefined;
  /** Shots that wait, with the attributes they were counted by. */
  readonly #waiting = new Map<number, Attributes>();
  /** How many shots ended how. Counted here, since a counter of the SDK sorts and spells out its attributes each time. */
  readonly #ends = new Ends();
  readonly #durations = new Durations();
  // Asked by whoever collects, before anything is collected.
  readonly #observe: ObservableCallback = (result) => {
    this.#durations.record(this.#instruments.duration);
    for (const { count, attributes } of this.#ends.all()) result.observe(count, attributes);
  };
  #instruments: Instruments;

  constructor(
    meter: Meter,
    attributed: Attributed,
    contextOf: (id: number) => Context | undefined,
  ) {
    this.#attributed = attributed;
    this.#instruments = this.#make(meter);
    this.#contextOf = contextOf;
  }

  /** From now on into another meter. */
  use(meter: Meter): void {
    this.#durations.record(this.#instruments.duration);
    this.#instruments.outcomes.removeCallback(this.#observe);
    this.#instruments = this.#make(meter);
  }

  #make(meter: Meter): Instruments {
    const made = instrumentsOf(meter);
    made.outcomes.addCallback(this.#observe);
    return made;
  }

  /** Listens until `signal` aborts. */
  listen(signal: AbortSignal): void {
    this.#listenToShots(signal);
    this.#listenToWaiting(signal);
    this.#listenToCircuits(signal);
    this.#listenToDatabase(signal);
  }

  #listenToShots(signal: AbortSignal): void {
    const attributed = this.#attributed;
    scoreboard.on(
      'shotCompleted',
      (event) => this.#ended(event, event.duration, this.#ends.ofCompleted(attributed.of(event))),
      { signal },
    );
    scoreboard.on(
      'shotFailed',
      (event) => {
        const what = { ...attributed.failure(event.verdict), [names.outcome]: event.outcome };
        this.#ended(event, event.duration, this.#ends.of(attributed.of(event), what));
      },
      { signal },
    );
    scoreboard.on(
      'shotRetry',
      (event) => {
        const { retries, delay, budgetLeft } = this.#instruments;
        const where = attributed.of(event);
        const what = { ...where, ...attributed.failure(event.verdict) };
        const context = this.#contextOf(event.id);
        retries.add(1, what, context);
        delay.record(seconds(event.delay), where, context);
        if (event.budgetLeft !== undefined) {
          budgetLeft.record(event.budgetLeft, attributed.of({ ...event, operation: undefined }));
        }
      },
      { signal },
    );
    scoreboard.on(
      'budgetExhausted',
      (event) => {
        const { budgetExhausted, budgetLeft } = this.#instruments;
        budgetExhausted.add(1, attributed.of(event), this.#contextOf(event.id));
        budgetLeft.record(0, attributed.of({ ...event, operation: undefined }));
      },
      { signal },
    );
    scoreboard.on(
      'shotTimeout',
      (event) =>
        this.#instruments.timeouts.add(
          1,
          { ...attributed.of(event), [names.scope]: event.scope },
          this.#contextOf(event.id),
        ),
      { signal },
    );
    scoreboard.on(
      'fallbackUsed',
      ({ code }) => this.#instruments.fallbacks.add(1, attributed.code(code)),
      { signal },
    );
  }

  #ended(event: ShotEvent, duration: Millis | undefined, counted: End): void {
    counted.count += 1;
    const { duration: time } = this.#instruments;
    if (duration !== undefined)
      this.#durations.add(seconds(duration), counted.short, this.#contextOf(event.id), time);
    if (this.#waiting.size > 0) this.#waits(event, false);
  }

  #listenToWaiting(signal: AbortSignal): void {
    scoreboard.on('shotParked', (event) => this.#waits(event, true), { signal });
    scoreboard.on(
      'shotReleased',
      (event) => {
        this.#waits(event, false);
        const { parkedTime } = this.#instruments;
        const where = this.#attributed.of(event);
        parkedTime.record(seconds(event.waited), where, this.#contextOf(event.id));
      },
      { signal },
    );
    scoreboard.on(
      'shotRejected',
      (event) => {
        const what = { ...this.#attributed.of(event), ...this.#attributed.code(event.code) };
        this.#instruments.rejected.add(1, what, this.#contextOf(event.id));
      },
      { signal },
    );
    signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  #stop(): void {
    this.#waiting.clear();
    this.#durations.record(this.#instruments.duration);
    this.#instruments.outcomes.removeCallback(this.#observe);
  }

  #waits(event: ShotEvent, waits: boolean): void {
    const { parked } = this.#instruments;
    const counted = this.#waiting.get(event.id);
    if (waits === (counted !== undefined)) return;
    if (counted === undefined) {
      const where = this.#attributed.of(event);
      this.#waiting.set(event.id, where);
      parked.add(1, where);
    } else {
      this.#waiting.delete(event.id);
      parked.add(-1, counted);
    }
  }

  #listenToCircuits(signal: AbortSignal): void {
    for (const event of Object.keys(states) as (keyof typeof states)[]) {
      scoreboard.on(event, (circuit) => this.#changed(circuit, states[event]), { signal });
    }
  }

  #changed({ datasource }: CircuitEvent, now: (typeof states)[keyof typeof states]): void {
    const { opened, state } = this.#instruments;
    const where = this.#attributed.of({ operation: undefined, datasource });
    if (now === 'open') opened.add(1, where);
    for (const each of Object.values(states)) {
      state.record(each === now ? 1 : 0, { ...where, [names.state]: each });
    }
  }

  #listenToDatabase(signal: AbortSignal): void {
    const attributed = this.#attributed;
    scoreboard.on(
      'outcomeResolved',
      ({ datasource, outcome, level, duration }) =>
        this.#instruments.resolution.record(seconds(duration), {
          ...attributed.of({ operation: undefined, datasource }),
          ...{ [names.outcome]: outcome, [names.level]: level },
        }),
      { signal },
    );
    scoreboard.on(
      'outcomeUnknown',
      (event) => {
        const what = { ...attributed.of(event), [names.phase]: event.phase };
        this.#instruments.unknown.add(1, what);
      },
      { signal },
    );
    scoreboard.on(
      'connectionDiscarded',
      (event) => {
        const what = { ...attributed.of(event), [names.phase]: event.phase };
        this.#instruments.discarded.add(1, what);
      },
      { signal },
    );
    scoreboard.on(
      'poolDrained',
      ({ datasource }) =>
        this.#instruments.drained.add(1, attributed.of({ operation: undefined, datasource })),
      { signal },
    );
  }
}
