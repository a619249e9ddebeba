/** A context with a span in it (traces), made without copying the one around it, as the API's own is: a shot needs two. */
import { type Context, type Span, trace } from '@opentelemetry/api';

/** The key of the API's own, which it shows to every context that it asks for its span. */
const spanKey: symbol | undefined = keyOf();

function keyOf(): symbol | undefined {
  let asked: symbol | undefined;
  const nobody: Context = {
    getValue: (key) => {
      asked = key;
      return undefined;
    },
    setValue: () => nobody,
    deleteValue: () => nobody,
  };
  trace.getSpan(nobody);
  return asked;
}

/** Never one upon another: a chain would grow with each shot that begins in the attempt of one before. */
class WithSpan implements Context {
  readonly #around: Context;
  readonly #span: unknown;

  constructor(around: Context, span: unknown) {
    this.#around = around;
    this.#span = span;
  }

  getValue(key: symbol): unknown {
    return key === spanKey ? this.#span : this.#around.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return key === spanKey
      ? new WithSpan(this.#around, value)
      : new WithSpan(this.#around.setValue(key, value), this.#span);
  }

  deleteValue(key: symbol): Context {
    const around = this.#around.deleteValue(key);
    return key === spanKey ? around : new WithSpan(around, this.#span);
  }
}

/** The same as `trace.setSpan`. */
export function withSpan(around: Context, span: Span): Context {
  if (around instanceof WithSpan || spanKey === undefined) return trace.setSpan(around, span);
  return new WithSpan(around, span);
}
