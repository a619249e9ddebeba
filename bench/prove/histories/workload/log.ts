/** The log of a workload: who asked for what, what came of it, and in which order calls began and ended. */
import type { Told, Unit } from '../checker/history.js';
import type { Client } from '../clients/client.js';

/** A unit that was begun; the log fills in what becomes of it. */
export interface Logged<Plan, Result> extends Unit {
  readonly plan: Plan;
  /** What it returned; undefined unless it was acknowledged with its result. */
  readonly result: Result | undefined;
}

type Open<T> = { -readonly [Key in keyof T]: T[Key] };

export class Log<Plan, Result> {
  readonly #client: Client;
  readonly #name: string;
  readonly #units: Open<Logged<Plan, Result>>[] = [];
  /** Errors of which nobody said what they mean for the write. */
  unclaimed = 0;
  #time = 0;
  #closed = false;

  constructor(name: string, client: Client) {
    this.#name = name;
    this.#client = client;
  }

  get units(): readonly Logged<Plan, Result>[] {
    return this.#units;
  }

  /** Plays one unit and notes it. Never throws. */
  async play(plan: Plan, work: (id: string) => Promise<Result>): Promise<void> {
    const unit: Open<Logged<Plan, Result>> = {
      id: `${this.#name}${this.#units.length + 1}`,
      plan,
      began: this.#tick(),
      ended: undefined,
      told: 'unknown',
      result: undefined,
    };
    this.#units.push(unit);
    try {
      const result = await work(unit.id);
      this.#end(unit, 'committed', result);
    } catch (error) {
      const told = this.#client.told(error);
      if (told === undefined) this.unclaimed += 1;
      this.#end(unit, told ?? 'unknown', undefined);
    }
  }

  /** What ends from now on stays unknown: the database is about to be asked. */
  close(): void {
    this.#closed = true;
  }

  #end(unit: Open<Logged<Plan, Result>>, told: Told, result: Result | undefined): void {
    if (this.#closed) return;
    unit.ended = this.#tick();
    unit.told = told;
    unit.result = result;
  }

  #tick(): number {
    this.#time += 1;
    return this.#time;
  }
}
