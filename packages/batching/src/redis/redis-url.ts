import { invalidField } from "@adaedl/core";

/** Where Redis is: one server, a master that sentinels know, or a cluster. */
export interface RedisTarget {
  readonly kind: "server" | "sentinel" | "cluster";
  /** The server, the sentinels, or some nodes of the cluster. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** The name sentinels know the master by. */
  readonly masterName?: string;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  readonly isEncrypted: boolean;
}

const pattern =
  /^(?<scheme>rediss?(?:\+sentinel|\+cluster)?):\/\/(?:(?<credentials>[^@/]*)@)?(?<hosts>[^@/]+)(?:\/(?<path>[^?#]*))?$/;

const rule =
  "must be redis[s]://[USER:PASSWORD@]HOST[:PORT][/DATABASE], redis[s]+sentinel://…HOST[:PORT],…/MASTER[/DATABASE] or redis[s]+cluster://…HOST[:PORT],…";

/**
 * Reads a Redis URL. `rediss` is TLS; several hosts are separated by commas.
 * @throws AdaedlError `invalid_argument`; the password is not in it
 */
export function parseRedisUrl(url: string): RedisTarget {
  const parts = pattern.exec(url)?.groups;
  const refuse = (why = rule) => invalidField("redisUrl", redactRedisUrl(url), why);
  if (parts?.scheme === undefined || parts.hosts === undefined) throw refuse();
  const [protocol = "", kind = "server"] = parts.scheme.split("+");
  if (kind !== "server" && kind !== "sentinel" && kind !== "cluster") throw refuse();
  const defaultPort = kind === "sentinel" ? 26_379 : 6_379;
  const hosts = parts.hosts.split(",").map((text) => {
    const host = parseHost(text, defaultPort);
    if (host === undefined) throw refuse();
    return host;
  });
  if (kind === "server" && hosts.length > 1) throw refuse();
  const path = (parts.path ?? "").split("/").filter((part) => part !== "");
  const masterName = kind === "sentinel" ? path.shift() : undefined;
  if (kind === "sentinel" && masterName === undefined)
    throw refuse("must name the master that the sentinels know: redis+sentinel://HOST/MASTER");
  const database = Number(path.shift() ?? 0);
  if (!Number.isInteger(database) || database < 0 || path.length > 0) throw refuse();
  if (kind === "cluster" && database !== 0) throw refuse("must have no database with a cluster");
  return {
    kind,
    hosts,
    ...(masterName === undefined ? {} : { masterName: decode(masterName, refuse) }),
    ...credentialsOf(parts.credentials, refuse),
    database,
    isEncrypted: protocol === "rediss",
  };
}

/** The URL as it may be shown: without its password. */
export function redactRedisUrl(url: string): string {
  return url.replace(/:\/\/([^@/]*)@/, (_, credentials: string) => {
    const [username] = credentials.split(":");
    return `://${username}:***@`;
  });
}

function parseHost(text: string, defaultPort: number) {
  const match = /^(\[[0-9a-f:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(match?.[2] ?? defaultPort);
  if (match?.[1] === undefined || port < 1 || port > 65_535) return undefined;
  return { host: match[1].replace(/^\[|\]$/g, ""), port };
}

function credentialsOf(text: string | undefined, refuse: () => Error) {
  if (text === undefined || text === "") return {};
  const colon = text.indexOf(":");
  // As redis-cli has it: without a colon it is the user's name.
  const username = colon < 0 ? text : text.slice(0, colon);
  return {
    ...(username === "" ? {} : { username: decode(username, refuse) }),
    ...(colon < 0 ? {} : { password: decode(text.slice(colon + 1), refuse) }),
  };
}

function decode(text: string, refuse: () => Error): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse();
  }
}
