/** Real time: the proof waits where what it waits for cannot tell. */

/** Resolves after so many ms. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when `look` gives true, or after `limit` ms; looks every few ms. */
export async function until(look: () => Promise<boolean>, limit: number): Promise<void> {
  const end = performance.now() + limit;
  while (!(await look()) && performance.now() < end) await pause(25);
}

/** Waits for `work`, whatever becomes of it, but no longer than `limit` ms. */
export async function atMost(limit: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
