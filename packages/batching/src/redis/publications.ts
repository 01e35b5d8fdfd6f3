import type { Seal } from "./seal.ts";

/**
 * A publication is an array of messages as JSON. The largest message, an offer, has some 220 kB: whatever
 * fits here is parsed within some 10 ms.
 */
export const maxPublicationBytes = 512 << 10;
const maxMessages = 256;
/** A publication takes no more messages when it has so many bytes. */
const fullBytes = maxPublicationBytes / 2;

/** @returns the messages; undefined for what nobody who keeps to the rules would publish */
export function readPublication(
  seal: Seal,
  channel: string,
  bytes: Buffer,
): readonly unknown[] | undefined {
  if (bytes.length > maxPublicationBytes) return undefined;
  const text = seal.open(channel, bytes.toString());
  if (text === undefined) return undefined;
  try {
    const messages: unknown = JSON.parse(text);
    return Array.isArray(messages) && messages.length <= maxMessages ? messages : undefined;
  } catch {
    return undefined;
  }
}

/** Collects what is published: the messages of one turn of the event loop to one channel travel together. */
export class Publisher {
  readonly #seal: Seal;
  readonly #publish: (channel: string, sealed: string) => void;
  #waiting = new Map<string, string[]>();

  constructor(seal: Seal, publish: (channel: string, sealed: string) => void) {
    this.#seal = seal;
    this.#publish = publish;
  }

  send(channel: string, message: object): void {
    if (this.#waiting.size === 0) setImmediate(() => this.#handOver());
    const texts = this.#waiting.get(channel) ?? [];
    this.#waiting.set(channel, texts);
    texts.push(JSON.stringify(message));
  }

  /** Resolves when everything was handed over. */
  flush(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  #handOver(): void {
    const all = this.#waiting;
    this.#waiting = new Map();
    for (const [channel, texts] of all)
      for (const text of publicationsOf(texts))
        this.#publish(channel, this.#seal.seal(channel, text));
  }
}

function* publicationsOf(messages: readonly string[]): Generator<string> {
  let batch: string[] = [];
  let numBytes = 0;
  for (const message of messages) {
    batch.push(message);
    numBytes += Buffer.byteLength(message);
    if (numBytes < fullBytes && batch.length < maxMessages) continue;
    yield `[${batch.join()}]`;
    batch = [];
    numBytes = 0;
  }
  if (batch.length > 0) yield `[${batch.join()}]`;
}
