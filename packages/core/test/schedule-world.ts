/** A strategy, what is done to it step by step, and what must hold after each of them. */
import { getEventListeners } from 'node:events';
import {
  type Attempt,
  Cushion,
  type CushionState,
  createStrategy,
  type Strategy,
} from '@carom/core';
import { ManualClock, seededRandom } from '@carom/core/testing';
import { Compartment } from '../src/bulkhead/compartment.js';
import { Throttle } from '../src/rate-limit/throttle.js';
import { Budget } from '../src/retry/budget.js';
import type { Answer, Call, Settings, Step } from './schedule.js';
import { Answers, classify, good, isPoor } from './schedule-answers.js';
import { BudgetLedger, GateLedger, PermitLedger } from './schedule-ledger.js';
import { ModelShot } from './schedule-shot.js';

const plain: Call = { answers: [], looks: false, adapter: false, signal: 'none', options: {} };

export class World {
  readonly clock = new ManualClock();
  /** What went wrong. */
  readonly problems: string[] = [];
  readonly shots: ModelShot[] = [];
  readonly cushion: Cushion | undefined;
  readonly compartment: Compartment | undefined;
  readonly throttle: Throttle | undefined;
  readonly permits: PermitLedger | undefined;
  readonly places: GateLedger | undefined;
  readonly turns: GateLedger | undefined;
  readonly budget: BudgetLedger | undefined;
  readonly #strategy: Strategy;
  readonly #settings: Settings;
  readonly #answers = new Answers(this.clock);
  /** Since when the cushion has been open, or isolated. */
  #shutSince = Number.POSITIVE_INFINITY;
  /** From now on every attempt succeeds. */
  #calm = false;

  constructor(settings: Settings) {
    const { clock, problems } = this;
    const random = seededRandom(settings.seed);
    const now = (): number => clock.now();
    const { cushion, compartment, throttle, budget } = settings;
    this.#settings = settings;
    this.cushion = cushion && new Cushion('model', cushion, { clock, random });
    this.permits = this.cushion && new PermitLedger(this.cushion.circuit, problems);
    this.compartment = compartment && new Compartment('model', compartment, { clock });
    this.throttle = throttle && new Throttle('model', throttle, { clock });
    this.places = this.compartment && new GateLedger(this.compartment, now, problems);
    this.turns = this.throttle && new GateLedger(this.throttle, now, problems);
    this.budget = budget && new BudgetLedger(new Budget('model', budget, { clock }), now, problems);
    // The engine knows a cushion by its shape.
    const watched =
      this.cushion && Object.create(this.cushion, { circuit: { value: this.permits?.circuit } });
    this.#strategy = createStrategy({
      ...settings.options,
      clock,
      random,
      cushion: watched as Cushion | undefined,
      compartment: this.places?.gate,
      throttle: this.turns?.gate,
      budget: this.budget?.budget,
      classify,
      whenResult: settings.whenResult ? isPoor : undefined,
    });
    this.cushion?.onChange((state) => this.#changed(state));
  }

  async act(step: Step): Promise<void> {
    if (step.does === 'shot') this.#shoot(step.call);
    else if (step.does === 'shotSync') this.#shootSync(step.call);
    else if (step.does === 'abort') this.shots[step.nth]?.abort(this.clock.now());
    else if (step.does === 'answer') this.#answers.give(step.nth, step.answer);
    else if (step.does === 'advance') await this.clock.advance(step.ms);
    else if (step.does === 'block') this.#block(step.ms, step.close);
    else this.cushion?.[step.does]();
    // What is due now happens, and all that follows from it.
    await this.clock.advance(0);
    await this.clock.settle();
  }

  /** From now on all goes well: everybody gets an answer, if it takes long. */
  async calm(): Promise<void> {
    this.#calm = true;
    if (this.cushion?.state === 'isolated') this.cushion.close();
    for (let n = 0; n < 300 && this.pending > 0; n++) {
      this.#answers.giveAll();
      await this.act({ does: 'advance', ms: 100 });
    }
    // What slow attempts still have to say.
    await this.act({ does: 'advance', ms: 1_000 });
  }

  /** What must hold at any time. */
  check(): void {
    const now = this.clock.now();
    for (const [nth, shot] of this.shots.entries()) {
      const problems = shot.check(now, this.#settings.smooth);
      this.problems.push(...problems.map((problem) => `shot ${nth} ${problem}`));
    }
    this.#complain(...this.#placesTaken(now));
    this.#complain((this.throttle?.queued ?? 0) > (this.throttle?.maxQueued ?? 0), 'a long queue');
    const { parked = 0, rules, state } = this.cushion ?? {};
    const room = state === 'isolated' ? 0 : (rules?.maxParked ?? 0);
    this.#complain(parked > room, `${parked} parked, where there is room for ${room}`);
    const idle = this.pending === 0 && this.clock.pending !== this.#answers.timers;
    this.#complain(idle, 'a timer, and nobody waits for it');
    const bounces = this.shots.reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0);
    const granted = this.budget?.granted ?? bounces;
    // What is parked is not paid for: the cushion lets it in.
    const free = rules?.whenOpen === 'park';
    this.#complain(!free && bounces > granted, `${bounces} bounces, and ${granted} granted`);
    this.#complain(this.#tooFast(), 'more than the rate limit allows');
  }

  get pending(): number {
    return this.shots.filter(({ watched }) => watched.state === 'pending').length;
  }

  /** What there is to see, so that a test can tell that it saw everything. */
  get seen(): readonly string[] {
    const { cushion, budget, throttle, compartment } = this;
    const all: readonly (readonly [what: string, when: boolean])[] = [
      [cushion?.state ?? '', cushion !== undefined],
      ['parked', (cushion?.parked ?? 0) > 0],
      ['waits for a turn', (throttle?.queued ?? 0) > 0],
      ['waits for a place', (compartment?.queued ?? 0) > 0],
      ['budget used up', (budget?.denied ?? 0) > 0],
    ];
    const here = all.filter(([, when]) => when).map(([what]) => what);
    return [...here, ...this.shots.flatMap((shot) => shot.seen)];
  }

  /** What is left when all is over. */
  get left(): Readonly<Record<string, number>> {
    const { clock, cushion, permits, places, turns, compartment, throttle } = this;
    const listeners = this.shots.map(
      ({ controller }) => getEventListeners(controller.signal, 'abort').length,
    );
    return {
      shots: this.pending,
      timers: clock.pending,
      listeners: listeners.reduce((sum, count) => sum + count, 0),
      parked: cushion?.parked ?? 0,
      permits: permits?.out ?? 0,
      inside: (places?.inside ?? 0) + (turns?.inside ?? 0),
      places: compartment?.active ?? 0,
      queued: (compartment?.queued ?? 0) + (throttle?.queued ?? 0),
      // With no probe on its way there is a place for one, at once.
      halfOpenFor: cushion?.state === 'half-open' ? cushion.retryAfter : 0,
    };
  }

  #shoot(call: Call): void {
    const { adapter, options, signal } = call;
    const shot = this.#newShot(call);
    // An action without a parameter cannot keep its attempt, which the engine makes use of.
    const play = call.looks
      ? (attempt: Attempt) => this.#play(shot, attempt)
      : () => this.#play(shot);
    const perCall =
      signal === 'none' ? { ...options } : { ...options, signal: shot.controller.signal };
    const given = Object.keys(perCall).length === 0 ? undefined : perCall;
    const { repeatable = true, discard } = adapter || {};
    const asAdapter = {
      play,
      repeatable: () => repeatable,
      discard: () => this.#answers.discard(discard),
    };
    const { clock } = this;
    const promise = adapter
      ? this.#strategy.play(asAdapter, given)
      : this.#strategy.shot(play, given);
    shot.follow(promise, () => clock.now());
  }

  #shootSync(call: Call): void {
    if (this.#settings.smooth) return;
    const shot = this.#newShot({ ...call, adapter: false, signal: 'none' });
    const action = (): unknown => {
      const answer = this.#begin(shot);
      this.clock.block(answer.after);
      return this.#answers.result(shot, shot.attempts, answer);
    };
    const play = async (): Promise<unknown> => this.#strategy.shotSync(action, { ...call.options });
    shot.follow(play(), () => this.clock.now());
  }

  #newShot(call: Call): ModelShot {
    const shot = new ModelShot(call, this.#settings.options, this.clock.now());
    this.shots.push(shot);
    return shot;
  }

  #play(shot: ModelShot, attempt?: Attempt): unknown {
    return this.#answers.of(shot, this.#begin(shot, attempt));
  }

  #begin(shot: ModelShot, attempt?: Attempt): Answer {
    const now = this.clock.now();
    this.problems.push(...shot.begin(now, attempt));
    // Who was let in at the very moment when it opened may play.
    this.#complain(now > this.#shutSince, 'an attempt while the cushion is open');
    const answer = (this.#calm ? undefined : shot.call.answers[shot.attempts - 1]) ?? good;
    if (answer.abortsOthers) for (const one of this.shots) if (one !== shot) one.abort(now);
    return answer;
  }

  #block(ms: number, close: boolean): void {
    if (this.#settings.smooth) return;
    this.clock.block(ms);
    // Before the timers that are late.
    if (close) this.cushion?.close();
  }

  /** Who is told of a change may change something. */
  #changed(state: CushionState): void {
    const { onOpen } = this.#settings;
    const isShut = state === 'open' || state === 'isolated';
    this.#shutSince = isShut ? this.clock.now() : Number.POSITIVE_INFINITY;
    if (state !== 'open' || onOpen === 'nothing') return;
    if (onOpen === 'throw') throw new Error('of a listener');
    if (onOpen === 'shoot') this.#shoot(plain);
    else this.cushion?.[onOpen]();
  }

  #complain(when: boolean, problem: string): void {
    if (when) this.problems.push(problem);
  }

  #placesTaken(now: number): [boolean, string] {
    if (this.compartment === undefined) return [false, ''];
    const { active, limit, queued, maxQueued } = this.compartment;
    const playing = this.shots.filter((shot) => shot.isPlaying(now)).length;
    // A place may be held while its attempt waits for its turn at the throttle, or at the cushion again.
    const held = (this.throttle?.queued ?? 0) + (this.cushion?.parked ?? 0);
    const most = Math.min(limit, playing + held);
    const problem = `${active} places taken, ${playing} playing, ${queued} waiting`;
    return [active < playing || active > most || queued > maxQueued, problem];
  }

  /** In no time t may more pass than `burst + rate * t / perMs`. */
  #tooFast(): boolean {
    if (this.throttle === undefined || this.turns === undefined) return false;
    const { burst, rate, perMs } = this.throttle;
    const { times } = this.turns;
    const last = times.at(-1) ?? 0;
    return times.some(
      (time, index) => times.length - index > burst + (rate * (last - time)) / perMs + 1e-6,
    );
  }
}
