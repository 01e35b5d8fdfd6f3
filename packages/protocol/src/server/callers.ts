/** What one address may ask of the event loop that all share; unbounded where it is not said. */
interface CallerBounds {
  /** Connections at a time. */
  readonly maxAddressConnections?: number | undefined;
  /** Calls a second in the long run, and five times as many at once; connecting counts as one. */
  readonly maxAddressCalls?: number | undefined;
}

const burstSeconds = 5;

/** A connection that can be closed. */
interface Connection {
  destroy(): unknown;
}

interface Account {
  /** By port. */
  readonly connections: Map<string, Connection>;
  /** Calls that may come at once, as of `countedAt`. */
  numLeft: number;
  countedAt: number;
}

/**
 * Counts the connections and calls of each address. A call costs an event loop some 100 µs before anybody
 * can look at it, answered or refused: one address that sends all it can leaves nothing to others. So a
 * connection with a call too many is closed.
 */
export class Callers {
  /** Of addresses with connections, and of those with calls to make up for. */
  private readonly accounts = new Map<string, Account>();
  private readonly maxConnections: number;
  private readonly maxCallsPerSecond: number;
  private readonly now: () => number;

  /** @param now milliseconds that never go back */
  constructor(bounds: CallerBounds, now = () => performance.now()) {
    this.maxConnections = bounds.maxAddressConnections ?? Number.POSITIVE_INFINITY;
    this.maxCallsPerSecond = bounds.maxAddressCalls ?? Number.POSITIVE_INFINITY;
    this.now = now;
  }

  /** Addresses that are remembered. */
  get size(): number {
    return this.accounts.size;
  }

  /**
   * @param peer ADDRESS:PORT of the other side
   * @returns whether the connection may stay; then `disconnect` has to follow
   */
  connect(peer: string, connection: Connection): boolean {
    const [address, port] = split(peer);
    const account = this.accountOf(address);
    const isTaken = account.connections.size < this.maxConnections && this.spend(account);
    if (isTaken) account.connections.set(port, connection);
    return isTaken;
  }

  disconnect(peer: string): void {
    const [address, port] = split(peer);
    this.accounts.get(address)?.connections.delete(port);
    if (this.accounts.size > 1_024) this.forget();
  }

  /** Counts a call; one too many closes its connection. */
  call(peer: string): void {
    const [address, port] = split(peer);
    const account = this.accounts.get(address);
    if (account !== undefined && !this.spend(account)) account.connections.get(port)?.destroy();
  }

  private spend(account: Account): boolean {
    if (this.maxCallsPerSecond === Number.POSITIVE_INFINITY) return true;
    const now = this.now();
    const earned = ((now - account.countedAt) / 1_000) * this.maxCallsPerSecond;
    account.numLeft = Math.min(account.numLeft + earned, burstSeconds * this.maxCallsPerSecond);
    account.countedAt = now;
    if (account.numLeft < 1) return false;
    account.numLeft--;
    return true;
  }

  private accountOf(address: string): Account {
    const known = this.accounts.get(address);
    if (known !== undefined) return known;
    const numLeft = burstSeconds * this.maxCallsPerSecond;
    const account = { connections: new Map<string, Connection>(), numLeft, countedAt: this.now() };
    this.accounts.set(address, account);
    return account;
  }

  /** An address without connections that has all its calls again needs no account. */
  private forget(): void {
    const before = this.now() - 1_000 * burstSeconds;
    for (const [address, { connections, countedAt }] of this.accounts)
      if (connections.size === 0 && countedAt <= before) this.accounts.delete(address);
  }
}

function split(peer: string): [address: string, port: string] {
  const colon = peer.lastIndexOf(":");
  return [peer.slice(0, colon), peer.slice(colon + 1)];
}
