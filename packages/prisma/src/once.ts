/** Exactly once: a single write in a transaction of its own, since only a transaction can be asked about. */
import type { Client } from './driver.js';
import type { TransactionWire } from './transaction-wire.js';

/** Sends a statement between BEGIN and COMMIT; its answer is that of the plain one. */
export async function sendOnce(
  open: () => Promise<Client>,
  args: unknown[],
  wire: () => TransactionWire | undefined,
): Promise<unknown> {
  const client = await open();
  try {
    await client.query({ text: 'BEGIN' });
    const answer = await client.query(...args);
    await client.query({ text: 'COMMIT' });
    return answer;
  } catch (error) {
    await wire()?.undo(error);
    throw error;
  } finally {
    client.release();
  }
}
