/** A carrier takes an error of Carom's through Prisma, which makes another one of whatever has a code, for each of those who share it. */

const reasons: WeakMap<object, Error> = new WeakMap();

/** What Prisma is given in the error's place. */
export function carrying(reason: Error & { readonly code?: unknown }): Error {
  const carrier = new Error(reason.message);
  // The code for who looks at it on the way; the rest is what Prisma hands on.
  Object.assign(carrier, { code: reason.code, meta: { driverAdapterError: carrier } });
  reasons.set(carrier, reason);
  return carrier;
}

/** The error that came so, whatever Prisma has made of it. */
export function carried(error: unknown): Error | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { meta } = error as { readonly meta?: { readonly driverAdapterError?: object } | null };
  return reasons.get(meta?.driverAdapterError ?? error);
}
