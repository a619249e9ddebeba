/** Error shapes are what pg, Knex and Prisma really throw, as measured on pg 8.23, Knex 3.3 and Prisma 7.10. */

/** A server error of pg. */
export function databaseError(code: string, message: string, severity?: string): Error {
  const fields = { name: 'error', length: 100, code, ...(severity !== undefined && { severity }) };
  return Object.assign(new Error(message), fields);
}

/** An error of the socket layer. */
export function systemError(code: string, message: string, syscall?: string): Error {
  return Object.assign(new Error(message), {
    code,
    errno: -104,
    ...(syscall !== undefined && { syscall }),
  });
}

/** What Knex makes of an error of its driver: the same object, with the SQL put before its message. */
export function asKnex<E extends Error>(
  error: E,
  sql = 'select * from "orders" where "id" = 7',
): E {
  error.message = `${sql} - ${error.message}`;
  return error;
}

/** What `@prisma/adapter-pg` throws. */
export function driverAdapterError(cause: Record<string, unknown>): Error {
  const error = new Error(String(cause['kind']));
  return Object.assign(error, { name: 'DriverAdapterError', cause });
}

/** What the Prisma client throws. */
export function prismaError(code: string, message: string, meta: object = {}): Error {
  const fields = { name: 'PrismaClientKnownRequestError', code, meta, clientVersion: '7.10.0' };
  return Object.assign(new Error(message), fields);
}

/** What the Prisma client throws around an error of its adapter. */
export function prismaWrapped(code: string, cause: Record<string, unknown>): Error {
  const meta = { modelName: 'Order', driverAdapterError: driverAdapterError(cause) };
  return prismaError(code, `Database error. Code: \`${String(cause['originalCode'])}\`.`, meta);
}

/** What the adapter makes of a SQLSTATE that it does not map to a kind of its own. */
export function mappedServerError(
  code: string,
  message: string,
  severity = 'ERROR',
): Record<string, unknown> {
  return {
    originalCode: code,
    originalMessage: message,
    kind: 'postgres',
    code,
    severity,
    message,
    detail: undefined,
  };
}
