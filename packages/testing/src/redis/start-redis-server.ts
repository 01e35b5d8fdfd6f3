import { readFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "./free-port.ts";
import { pingRedis } from "./ping-redis.ts";
import { type RedisProcess, startRedisProcess } from "./redis-process.ts";

/** PEM files of a server that speaks TLS, and nothing else. */
export interface RedisServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** Whom it trusts. */
  readonly caFile: string;
  /** Whether a client has to show a certificate as well; false by default. */
  readonly asksClients?: boolean;
}

export interface RedisServerOptions {
  /** Arguments of redis-server besides, such as `["--maxmemory", "20mb"]`; the last word is theirs. */
  readonly args?: readonly string[];
  /** Clients have to know it; the URL has it. */
  readonly password?: string;
  /** Keeps what was written, also when it is killed. Otherwise it is empty after each start. */
  readonly appendOnly?: boolean;
  readonly tls?: RedisServerTls;
}

/**
 * Starts a Redis of one's own on a free port of 127.0.0.1: a process to be frozen, killed, started again.
 *
 * @throws Error when there is no redis-server, or it does not start with these options
 */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisProcess> {
  const { args = [], password, appendOnly = false, tls } = options;
  const port = await findFreePort();
  const directory = await temporaryRedisDirectory();
  const scheme = tls === undefined ? "redis" : "rediss";
  const credentials = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  const url = `${scheme}://${credentials}127.0.0.1:${port}`;
  return startRedisProcess({
    url,
    port,
    directory,
    args: [
      ...["--bind", "127.0.0.1", "--dir", directory, "--save", ""],
      ...(appendOnly ? ["--appendonly", "yes", "--appendfsync", "always"] : []),
      ...(password === undefined ? [] : ["--requirepass", password, "--masterauth", password]),
      ...(tls === undefined ? ["--port", String(port)] : tlsArguments(port, tls)),
      ...args,
    ],
    ping: () => pingOrRefused(url, tls),
  });
}

/** A new directory for a Redis to work in. */
export function temporaryRedisDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), "adaedl-redis-"));
}

function tlsArguments(port: number, tls: RedisServerTls): string[] {
  const { certFile, keyFile, caFile, asksClients = false } = tls;
  return [
    ...["--port", "0", "--tls-port", String(port), "--tls-replication", "yes"],
    ...["--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", caFile],
    ...["--tls-auth-clients", asksClients ? "yes" : "no"],
  ];
}

/** A server that wants to know who asks answers, too. */
async function pingOrRefused(url: string, tls?: RedisServerTls): Promise<void> {
  try {
    await pingRedis(
      url,
      tls && {
        cert: readFileSync(tls.certFile),
        key: readFileSync(tls.keyFile),
        rejectUnauthorized: false, // it is our own, whatever name its certificate bears
      },
    );
  } catch (error) {
    if (!/^(NOAUTH|WRONGPASS|NOPERM)\b/.test((error as Error).message)) throw error;
  }
}
