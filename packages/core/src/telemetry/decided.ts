/** What was decided, and why: in every event of the scoreboard (telemetry) that tells of a decision. */

/** A decision and its reason. */
export interface Decided<D extends string> {
  /** One word for each kind of decision: what to count and to filter by. */
  readonly decision: D;
  /** The reason, one line for a person. */
  readonly why: string;
}

/** Both. */
export function decided<D extends string>(decision: D, why: string): Decided<D> {
  return { decision, why };
}
