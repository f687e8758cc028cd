/** Resolves with the first SIGTERM or SIGINT. */
export function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    // Keeps the process alive: what it waits for may be timers that do not.
    const alive = setInterval(() => {}, 2 ** 30);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        clearInterval(alive);
        resolve(signal);
      });
    }
  });
}
