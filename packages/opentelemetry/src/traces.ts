/** Traces: a span per shot, with one per attempt in it, which is active while the attempt is played. */
import type { Decided, Millis, ShotEvent, Verdict } from '@carom/core';
import { scoreboard } from '@carom/postgres';
import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type Attributed, names } from './attributes.js';
import { withSpan } from './with-span.js';

/** A shot on its way. */
interface Traced {
  readonly span: Span;
  readonly context: Context;
  attempt: Span | undefined;
}

const seconds = (ms: Millis): number => ms / 1_000;

/** The spans of the shots on their way. */
export class Traces {
  #tracer: Tracer;
  readonly #attributed: Attributed;
  readonly #shots = new Map<number, Traced>();

  constructor(tracer: Tracer, attributed: Attributed) {
    this.#tracer = tracer;
    this.#attributed = attributed;
  }

  /** From now on with another tracer. */
  use(tracer: Tracer): void {
    this.#tracer = tracer;
  }

  /** The context of a shot's span, for exemplars. */
  contextOf(id: number): Context {
    return this.#shots.get(id)?.context ?? context.active();
  }

  /** Listens until `signal` aborts. */
  listen(signal: AbortSignal): void {
    const on: typeof scoreboard.on = (event, listener) =>
      scoreboard.on(event, listener, { signal });
    on('shotStarted', (shot) => this.#begin(shot));
    scoreboard.around(({ id, attempt }, play) => this.#within(id, attempt, play), { signal });
    on('attemptEnded', ({ id, verdict, phase }) => this.#endAttempt(id, verdict, phase));
    on('shotRetry', ({ id, attempt, delay, budgetLeft, ...event }) =>
      this.#note(id, 'carom.retry', {
        [names.attempt]: attempt,
        [names.delay]: seconds(delay),
        ...decision(event),
        ...(budgetLeft !== undefined && { [names.budgetLeft]: budgetLeft }),
      }),
    );
    on('shotParked', ({ id, ...event }) => this.#note(id, 'carom.parked', decision(event)));
    on('shotReleased', ({ id, waited, ...event }) =>
      this.#note(id, 'carom.released', { [names.waited]: seconds(waited), ...decision(event) }),
    );
    on('shotRejected', ({ id, code, ...event }) =>
      this.#note(id, 'carom.rejected', { ...this.#attributed.code(code), ...decision(event) }),
    );
    on('shotTimeout', ({ id, scope, limit, ...event }) =>
      this.#note(id, 'carom.timeout', {
        ...{ [names.scope]: scope, [names.limit]: seconds(limit) },
        ...decision(event),
      }),
    );
    on('budgetExhausted', ({ id, ...event }) =>
      this.#note(id, 'carom.budget.exhausted', decision(event)),
    );
    on('outcomeResolved', ({ outcome, level, ...event }) =>
      trace.getSpan(context.active())?.addEvent('carom.outcome.resolved', {
        [names.outcome]: outcome,
        [names.level]: level,
        ...decision(event),
      }),
    );
    on('shotCompleted', ({ id, attempts }) =>
      this.#end(id, attempts === 1 ? undefined : { [names.attempts]: attempts }),
    );
    on('shotFailed', ({ id, attempt, verdict, outcome, ...event }) => {
      const attributes = {
        ...this.#attributed.failure(verdict),
        ...{ [names.attempts]: attempt, [names.outcome]: outcome, ...decision(event) },
      };
      this.#end(id, attributes, verdict.reason);
    });
    signal.addEventListener('abort', () => this.#endAll(), { once: true });
  }

  #begin(shot: ShotEvent): void {
    const around = context.active();
    const attributes = this.#attributed.of(shot);
    const options = { kind: SpanKind.INTERNAL, attributes };
    const span = this.#tracer.startSpan(nameOf(attributes), options, around);
    this.#shots.set(shot.id, { span, context: withSpan(around, span), attempt: undefined });
  }

  #within(id: number, attempt: number, play: () => void): void {
    const shot = this.#shots.get(id);
    if (shot === undefined) {
      play();
      return;
    }
    // Of a shot that is not sampled no attempt is: only the context matters, which says so to what is called.
    if (!shot.span.isRecording()) {
      context.with(shot.context, play);
      return;
    }
    const span = this.#tracer.startSpan('attempt', ofAttempt(attempt), shot.context);
    shot.attempt = span;
    context.with(withSpan(shot.context, span), play);
  }

  #endAttempt(id: number, verdict: Verdict | undefined, phase: string | undefined): void {
    const shot = this.#shots.get(id);
    const span = shot?.attempt;
    if (shot === undefined || span === undefined) return;
    shot.attempt = undefined;
    if (verdict !== undefined) {
      span.setAttributes(this.#attributed.failure(verdict));
      span.setAttribute(names.connection, verdict.connection);
      if (phase !== undefined) span.setAttribute(names.phase, phase);
      span.setStatus({ code: SpanStatusCode.ERROR, message: verdict.reason });
    }
    span.end();
  }

  #note(id: number, event: string, attributes: Attributes): void {
    this.#shots.get(id)?.span.addEvent(event, attributes);
  }

  #end(id: number, attributes: Attributes | undefined, failed?: string): void {
    const shot = this.#shots.get(id);
    if (shot === undefined) return;
    this.#shots.delete(id);
    if (attributes !== undefined) shot.span.setAttributes(attributes);
    if (failed !== undefined) {
      shot.span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
    }
    shot.attempt?.end();
    shot.span.end();
  }

  #endAll(): void {
    for (const id of [...this.#shots.keys()]) this.#end(id, undefined);
  }
}

/** The first is all that most shots have, so it has one object for all of them. */
const ofFirst: SpanOptions = optionsOf(1);

function ofAttempt(attempt: number): SpanOptions {
  return attempt === 1 ? ofFirst : optionsOf(attempt);
}

function optionsOf(attempt: number): SpanOptions {
  return { kind: SpanKind.INTERNAL, attributes: { [names.attempt]: attempt } };
}

function decision({ decision, why }: Decided<string>): Attributes {
  return { [names.decision]: decision, [names.why]: why };
}

/** Of low cardinality, as a span's name has to be. */
function nameOf(attributes: Attributes): string {
  return `carom ${attributes[names.operation] ?? 'shot'}`;
}
