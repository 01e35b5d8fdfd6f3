/** More than any event of ours; what is longer is not an answer of the gateway. */
const longestEvent = 1 << 20;

/**
 * Reads server-sent events out of text that arrives in pieces of any size. Each call returns the
 * data of the events that `text` completed; comments and fields other than `data` are skipped.
 *
 * @throws Error when an event grows beyond 2^20 characters.
 */
export function createEventDecoder(): (text: string) => string[] {
  let rest = "";
  let data: string[] = [];
  return (text) => {
    const events: string[] = [];
    // A carriage return at the end may be half of a line's end, so it waits for what follows.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
      if (line !== "" || data.length === 0) continue;
      events.push(data.join("\n"));
      data = [];
    }
    if (rest.length > longestEvent) throw new Error("The answer holds an event without an end.");
    return events;
  };
}

/** The data of each server-sent event of a response body, in order. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const utf8 = new TextDecoder();
  const decode = createEventDecoder();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* decode(utf8.decode(value, { stream: true }));
    }
  } finally {
    // Whoever stops reading early also wants the gateway to stop.
    await reader.cancel().catch(() => {});
  }
}
