/** The errors of the simulated Postgres, in the form in which `pg` passes them on. */

/** Of the server: an ERROR, after which the session goes on, or a FATAL, with which it ends. */
export const said = (
  code: string,
  severity: 'ERROR' | 'FATAL' = 'ERROR',
  text = `simulated ${code}`,
): Error => Object.assign(new Error(text), { name: 'error', code, severity });

/** Of the driver, when the connection has ended without a word. */
export const terminated = (): Error => new Error('Connection terminated unexpectedly');

/** Of the driver, for a connection that it knows to be gone. */
export const notQueryable = (): Error =>
  new Error('Client has encountered a connection error and is not queryable');

/** Of Node: the connection was reset. */
export const reset = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });

/** Of Node: nothing listens there. */
export const refused = (): Error =>
  Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' });
