/** An event of one of several sources. */
export interface Indexed<Event> {
  readonly index: number;
  readonly event: Event;
}

/**
 * The events of several sources as they come. Each source is one event ahead of the reader, at most.
 * Ending the iteration ends all sources; the first that throws ends the others.
 */
export async function* merge<Event>(
  sources: readonly AsyncGenerator<Event>[],
): AsyncGenerator<Indexed<Event>> {
  const waiting = new Map<number, Promise<{ index: number; result: IteratorResult<Event> }>>();
  const ask = (source: AsyncGenerator<Event>, index: number) => {
    const asked = source.next().then((result) => ({ index, result }));
    asked.catch(() => {}); // whoever waits for it is told; nobody may be left
    waiting.set(index, asked);
  };
  for (const [index, source] of sources.entries()) ask(source, index);
  try {
    while (waiting.size > 0) {
      const { index, result } = await Promise.race(waiting.values());
      waiting.delete(index);
      if (result.done) continue;
      yield { index, event: result.value };
      ask(sources[index] as AsyncGenerator<Event>, index);
    }
  } finally {
    // Not waited for: a source in the middle of an event ends by its own signal.
    for (const source of sources) source.return(undefined).catch(() => {});
  }
}
