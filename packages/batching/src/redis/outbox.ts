/** Messages on their way out: those of one turn of the event loop to one address travel together. */
export interface Outbox {
  send(address: string, message: object): void;
  /** Resolves when everything was handed over. */
  flush(): Promise<void>;
}

/** @param publish hands over the messages to an address, an array as JSON */
export function createOutbox(publish: (address: string, text: string) => void): Outbox {
  let waiting = new Map<string, object[]>();
  let isDue = false;

  function handOver(): void {
    isDue = false;
    const all = waiting;
    waiting = new Map();
    for (const [address, messages] of all) publish(address, JSON.stringify(messages));
  }

  return {
    send(address, message) {
      const messages = waiting.get(address);
      if (messages === undefined) waiting.set(address, [message]);
      else messages.push(message);
      if (isDue) return;
      isDue = true;
      setImmediate(handOver);
    },
    flush: () => new Promise((resolve) => setImmediate(resolve)),
  };
}
