/** Durations: how long shots took (metrics), recorded many at a time. */
import type { Attributes, Context, Histogram } from '@opentelemetry/api';

/** So many are held at most. */
const most = 256;

/**
 * What has not been recorded yet. A histogram of the SDK spells its attributes out for each value; between two queries
 * that costs several times as much as in one go, since nothing of it is in the processor's caches.
 */
export class Durations {
  readonly #seconds: number[] = [];
  readonly #attributes: Attributes[] = [];
  readonly #contexts: (Context | undefined)[] = [];

  /** Adds one; records all into `histogram` when there are many. */
  add(seconds: number, attributes: Attributes, context: Context | undefined, to: Histogram): void {
    this.#seconds.push(seconds);
    this.#attributes.push(attributes);
    this.#contexts.push(context);
    if (this.#seconds.length >= most) this.record(to);
  }

  /** Records all that there are: when somebody collects, or nobody will any more. */
  record(to: Histogram): void {
    const all = this.#seconds.splice(0);
    const attributes = this.#attributes.splice(0);
    const contexts = this.#contexts.splice(0);
    for (const [at, seconds] of all.entries()) to.record(seconds, attributes[at], contexts[at]);
  }
}
