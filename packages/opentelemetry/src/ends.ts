/** Ends: how many shots ended how (metrics). */
import type { Attributes } from '@opentelemetry/api';
import { names } from './attributes.js';

/** One kind of end. */
export interface End {
  count: number;
  readonly attributes: Attributes;
  /** Without the code: for the histogram of durations, whose series are many times as large. */
  readonly short: Attributes;
}

const completed: Attributes = { [names.outcome]: 'completed' };

/** The counts. Their number is bounded as the attributes are. */
export class Ends {
  readonly #ends = new Map<string, End>();
  /** Those of shots that did what they should, by where: found without spelling anything out. */
  readonly #completed = new WeakMap<Attributes, End>();

  /** The count of the shots that were there, and did what they should. */
  ofCompleted(where: Attributes): End {
    const known = this.#completed.get(where);
    if (known !== undefined) return known;
    const end = this.of(where, completed);
    this.#completed.set(where, end);
    return end;
  }

  /** The count of the shots that were there, `where`, and ended so. */
  of(where: Attributes, what: Attributes): End {
    const told = [where[names.operation], where[names.datasource], what[names.outcome]];
    const key = `${told.join('\n')}\n${what[names.errorType] ?? ''}\n${what[names.kind] ?? ''}`;
    const known = this.#ends.get(key);
    if (known !== undefined) return known;
    const short = { ...where, [names.outcome]: what[names.outcome] };
    const end = { count: 0, attributes: { ...where, ...what }, short };
    this.#ends.set(key, end);
    return end;
  }

  /** All counts. */
  all(): Iterable<End> {
    return this.#ends.values();
  }
}
