/** The retry loop that people write by hand, as it stands in many a project. */

const tries = 3;
const apart = 100;

/** Plays `work` up to three times, whatever the error was, 100 ms apart; throws the last error. */
export async function handWrittenLoop<T>(
  work: () => Promise<T>,
  onRetry: () => void = () => undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === tries) throw error;
      onRetry();
      await new Promise((resolve) => setTimeout(resolve, apart));
    }
  }
}
