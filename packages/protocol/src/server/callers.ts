/** What one address may ask of the event loop that all share; unbounded where it is not said. */
interface CallerBounds {
  /** Connections at a time. */
  readonly maxAddressConnections?: number | undefined;
  /** Calls a second in the long run, and twice as many at once; connecting counts as one. */
  readonly maxAddressCalls?: number | undefined;
}

const burstSeconds = 2;
/** After a call too many no connection of the address is taken for so long. */
const restMs = 1_000;

interface Account {
  numConnections: number;
  /** Calls that may come at once, as of `countedAt`. */
  numLeft: number;
  countedAt: number;
  restsUntil: number;
}

/**
 * Counts the connections and calls of each address. A call costs an event loop some 100 µs before anybody
 * can look at it, answered or refused: one address that sends all it can leaves nothing to others. So a
 * connection with a call too many is to be closed.
 */
export class Callers {
  /** Of addresses with connections, and of those with calls to make up for. */
  readonly #accounts = new Map<string, Account>();
  readonly #maxConnections: number;
  readonly #maxCallsPerSecond: number;
  readonly #now: () => number;

  /** @param now milliseconds that never go back */
  constructor(bounds: CallerBounds, now = () => performance.now()) {
    this.#maxConnections = bounds.maxAddressConnections ?? Number.POSITIVE_INFINITY;
    this.#maxCallsPerSecond = bounds.maxAddressCalls ?? Number.POSITIVE_INFINITY;
    this.#now = now;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.#accounts.size;
  }

  /** @returns whether the connection may stay; then `disconnect` has to follow */
  connect(address: string): boolean {
    const account = this.#accountOf(address);
    const isFull = account.numConnections >= this.#maxConnections;
    if (isFull || this.#now() < account.restsUntil || !this.#spend(account)) return false;
    account.numConnections++;
    return true;
  }

  disconnect(address: string): void {
    this.#accountOf(address).numConnections--;
    if (this.#accounts.size > 1_024) this.#forget();
  }

  /** @returns whether the connection they came on may stay */
  call(address: string, numCalls = 1): boolean {
    return this.#spend(this.#accountOf(address), numCalls);
  }

  #spend(account: Account, numCalls = 1): boolean {
    if (this.#maxCallsPerSecond === Number.POSITIVE_INFINITY) return true;
    const now = this.#now();
    const earned = ((now - account.countedAt) / 1_000) * this.#maxCallsPerSecond;
    account.numLeft = Math.min(account.numLeft + earned, burstSeconds * this.#maxCallsPerSecond);
    account.countedAt = now;
    if (account.numLeft < numCalls) {
      account.restsUntil = now + restMs;
      return false;
    }
    account.numLeft -= numCalls;
    return true;
  }

  #accountOf(address: string): Account {
    const known = this.#accounts.get(address);
    if (known !== undefined) return known;
    const numLeft = burstSeconds * this.#maxCallsPerSecond;
    const account = { numConnections: 0, numLeft, countedAt: this.#now(), restsUntil: 0 };
    this.#accounts.set(address, account);
    return account;
  }

  /** An address without connections that has all its calls again needs no account. */
  #forget(): void {
    const before = this.#now() - 1_000 * burstSeconds;
    for (const [address, { numConnections, countedAt }] of this.#accounts)
      if (numConnections === 0 && countedAt <= before) this.#accounts.delete(address);
  }
}
