/** The places of a pool: how many connections it may have, and where those are that it has. */
export interface Places {
  /** Connections that nobody has. */
  readonly idle: number;
  /** Connections that somebody has. */
  readonly lent: number;
  /** Connections that are being made. */
  readonly connecting: number;
  /** How many connections there may be. */
  readonly max: number;
}

/** Of a client whose pool nobody sees. */
export const unseen: Places = { idle: 0, lent: 0, connecting: 0, max: Number.POSITIVE_INFINITY };
