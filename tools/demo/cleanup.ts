/** What was put up is taken down in the opposite order; a fault in one does not keep the others up. */
export interface Cleanup {
  readonly add: (what: string, undo: () => Promise<unknown>) => void;
  /** Runs all, once; later calls wait for the same. */
  readonly run: () => Promise<void>;
}

export function createCleanup(report: (line: string) => void): Cleanup {
  const stack: { readonly what: string; readonly undo: () => Promise<unknown> }[] = [];
  let running: Promise<void> | undefined;
  const unwind = async (): Promise<void> => {
    for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
      try {
        await entry.undo();
      } catch (error) {
        report(`left behind: ${entry.what} (${error instanceof Error ? error.message : String(error)})`);
      }
    }
  };
  return {
    add: (what, undo) => void stack.push({ what, undo }),
    run: () => (running ??= unwind()),
  };
}
