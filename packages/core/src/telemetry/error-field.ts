/** The error in an event (telemetry): there for who asks for it, and not among what is written down. */

/**
 * Adds `error` so that neither JSON nor a log nor a spread has it: drivers put values, and Knex the SQL,
 * into the texts of their errors.
 */
export function withError<T extends object>(
  detail: T,
  error: unknown,
): T & { readonly error: unknown } {
  return Object.defineProperty(detail, 'error', { value: error }) as T & {
    readonly error: unknown;
  };
}

/** The code of an error, where it is one that can be told. */
export function codeOf(error: unknown): string | undefined {
  try {
    const { code } = (error ?? {}) as { readonly code?: unknown };
    return typeof code === 'string' && /^[A-Za-z0-9_]{1,64}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}
