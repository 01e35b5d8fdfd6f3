/** Reads metrics as Prometheus would. */
export interface Scraping extends Disposable {
  readonly numScrapes: number;
  /** @throws Error what the first one that went wrong said */
  check(): void;
}

/**
 * Scrapes all addresses at once, now and again and again, until it is disposed of.
 * @param addresses HOST:PORT of whoever answers GET /metrics
 * @param everyMs from the start of one scrape to the next
 */
export function startScraping(addresses: readonly string[], everyMs: number): Scraping {
  let numScrapes = 0;
  let failure: unknown;
  const ending = new AbortController();
  const scrape = async (address: string) => {
    try {
      const { signal } = ending;
      const response = await fetch(`http://${address}/metrics`, { signal });
      const text = await response.text();
      if (!response.ok) throw new Error(`${address} answers ${response.status}: ${text}`);
      numScrapes++;
    } catch (error) {
      if (!ending.signal.aborted) failure ??= error;
    }
  };
  const scrapeAll = () => {
    for (const address of addresses) void scrape(address);
  };
  scrapeAll();
  const timer = setInterval(scrapeAll, everyMs);
  return {
    get numScrapes() {
      return numScrapes;
    },
    check() {
      if (failure !== undefined) throw failure;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      ending.abort();
    },
  };
}
