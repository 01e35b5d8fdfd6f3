const cleanups = new Set<() => void>();

/**
 * Has something done when the process ends without having closed what it opened: after Ctrl+C, or
 * when it is a worker whose main process is gone.
 *
 * @param cleanUp - cannot wait for anything
 * @returns takes it back
 */
export function atExit(cleanUp: () => void): () => void {
  // One listener in all: a process warns of a leak when it has many.
  if (cleanups.size === 0) {
    for (const event of ["exit", "disconnect"]) process.on(event, cleanUpAll);
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, endBy);
  }
  cleanups.add(cleanUp);
  return () => {
    cleanups.delete(cleanUp);
    if (cleanups.size === 0) stopListening();
  };
}

function cleanUpAll(): void {
  for (const cleanUp of cleanups) cleanUp();
  cleanups.clear();
  stopListening();
}

function stopListening(): void {
  for (const event of ["exit", "disconnect"]) process.off(event, cleanUpAll);
  for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, endBy);
}

/** Without our listener the signal does what it would have done without us. */
function endBy(signal: NodeJS.Signals): void {
  cleanUpAll();
  process.kill(process.pid, signal);
}
