/** Commit hooks are what one attempt at a transaction wants done once it is committed. */

/** What is done after COMMIT. */
export type AfterCommit = () => unknown;

/** The hooks of one attempt at a transaction. */
export class CommitHooks {
  #hooks: AfterCommit[] = [];

  add(hook: AfterCommit): void {
    this.#hooks.push(hook);
  }

  /**
   * Calls them, each once, in order. What one throws changes nothing: the transaction is committed. Nobody waits for
   * those that are async, or a slow one could make a commit look like a timeout.
   */
  run(): void {
    const hooks = this.#hooks;
    this.#hooks = [];
    for (const hook of hooks) new Promise((done) => done(hook())).catch(warn);
  }
}

function warn(error: unknown): void {
  const told = error instanceof Error ? error : new Error(String(error));
  process.emitWarning(told, { code: 'CAROM_AFTER_COMMIT' });
}
