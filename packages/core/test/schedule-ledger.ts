/** The book-keeping of a schedule: who was given what, and whether it came back once. */
import type { Circuit, Gate, Millis, Permit } from '@carom/core';
import type { Budget, BudgetKind } from '../src/retry/budget.js';

type Methods = Readonly<Record<string, (call: () => unknown, args: readonly unknown[]) => unknown>>;

/**
 * The same object with some methods watched. What it calls on itself is not seen, so that only what
 * the engine does is in the books.
 */
function watched<T extends object>(target: T, methods: Methods): T {
  return new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      const watch = methods[String(key)];
      const plain = (...args: unknown[]): unknown => value.apply(target, args);
      return watch === undefined
        ? plain
        : (...args: unknown[]) => watch(() => plain(...args), args);
    },
  });
}

/** Permits of a circuit: each that was given out is settled once, or has been overtaken by events. */
export class PermitLedger {
  readonly problems: string[];
  readonly circuit: Circuit;
  readonly #real: Circuit;
  readonly #out = new Map<Permit, number>();

  constructor(real: Circuit, problems: string[]) {
    this.problems = problems;
    this.#real = real;
    const settle = (call: () => unknown, [permit]: readonly unknown[]): unknown => {
      this.#settle(permit as Permit);
      return call();
    };
    this.circuit = watched(real, {
      enterClosed: (call) => this.#give(call() as Permit),
      enter: (call) => this.#give(call() as Permit),
      admit: (call) => {
        const admitted = call();
        if (typeof admitted === 'number') return this.#give(admitted);
        return admitted instanceof Promise
          ? admitted.then((permit: Permit) => this.#give(permit))
          : admitted;
      },
      isCurrent: (call, [permit]) => {
        const current = call();
        if (current !== true) this.#settle(permit as Permit);
        return current;
      },
      succeed: settle,
      fail: settle,
      release: settle,
    });
  }

  /** Permits that are still out. */
  get out(): number {
    let sum = 0;
    for (const count of this.#out.values()) sum += count;
    return sum;
  }

  #give(permit: Permit): Permit {
    if (permit === 0) return 0;
    const out = (this.#out.get(permit) ?? 0) + 1;
    this.#out.set(permit, out);
    const { state, rules } = this.#real;
    if (state === 'half-open' && out > rules.probes && this.#real.isCurrent(permit)) {
      this.problems.push(`${out} probes at a time, and ${rules.probes} are allowed`);
    }
    return permit;
  }

  #settle(permit: Permit): void {
    const out = this.#out.get(permit) ?? 0;
    if (out === 0) this.problems.push(`permit ${permit} was settled twice`);
    else if (out === 1) this.#out.delete(permit);
    else this.#out.set(permit, out - 1);
  }
}

/** Places of a gate: each entering is followed by one leaving. */
export class GateLedger {
  readonly gate: Gate;
  inside = 0;
  /** When somebody was let in. */
  readonly times: Millis[] = [];

  constructor(real: Gate, now: () => Millis, problems: string[]) {
    const entered = (): void => {
      this.inside += 1;
      this.times.push(now());
    };
    this.gate = watched(real, {
      tryEnter: (call) => {
        const let_in = call();
        if (let_in === true) entered();
        return let_in;
      },
      enter: (call) => (call() as Promise<void>).then(entered),
      leave: (call) => {
        this.inside -= 1;
        if (this.inside < 0) problems.push('somebody left a gate twice');
        return call();
      },
    });
  }
}

/** Bounces that a budget granted, and whether it had them to give. */
export class BudgetLedger {
  readonly budget: Budget;
  granted = 0;
  denied = 0;

  constructor(real: Budget, now: () => Millis, problems: string[]) {
    const { ratio, perSecond, lastMs } = real;
    const shots: Millis[] = [];
    const grants: Record<BudgetKind, Millis[]> = { outage: [], contention: [] };
    const recent = (times: readonly Millis[]): number =>
      times.filter((time) => time > now() - lastMs).length;
    this.budget = watched(real, {
      deposit: (call) => {
        shots.push(now());
        return call();
      },
      wait: (call, [, kind]) => {
        const granted = call();
        if (granted === undefined) {
          this.denied += 1;
          return granted;
        }
        this.granted += 1;
        const all = grants[kind as BudgetKind];
        all.push(now());
        const most = ratio * (recent(shots) + 64) + (perSecond * lastMs) / 1_000;
        if (recent(all) > most) problems.push(`${recent(all)} bounces granted, and ${most} earned`);
        return granted;
      },
    });
  }
}
