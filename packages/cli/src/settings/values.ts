import { type DrafterKind, drafterKinds, parsePolicy } from "@adaedl/core";
import { InvalidArgumentError } from "commander";

/** Where a client connects: HOST:PORT, or the same as gRPC writes it, `dns:///HOST:PORT`. */
export function parseTarget(text: string): string {
  parseAddress(text.replace(/^dns:\/\/\//, ""));
  return text;
}

/** HOST:PORT, with a name, an IPv4 address or an IPv6 address in brackets. */
export function parseAddress(text: string): string {
  const port = /^(?:\[[0-9a-f:.]+\]|[^\s:,/]+):(\d{1,5})$/i.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("It must be HOST:PORT, such as 127.0.0.1:50051.");
  return text;
}

/** HOST:PORT[,HOST:PORT…] of servers. */
export function parseTargets(text: string): string[] {
  return text.split(",").map((target) => parseTarget(target.trim()));
}

/** Origins as browsers send them, `https://app.example:8443`, separated by commas; or "*". */
export function parseOrigins(text: string): string[] {
  return text.split(",").map((origin) => parseOrigin(origin.trim()));
}

function parseOrigin(text: string): string {
  if (text === "*") return text;
  try {
    const { protocol, host, pathname, href } = new URL(text);
    const origin = `${protocol}//${host}`; // without the default port, as browsers send it
    if (
      host !== "" &&
      !host.includes("*") &&
      ["", "/"].includes(pathname) &&
      href === origin + pathname
    )
      return origin;
  } catch {
    // no URL at all
  }
  throw new InvalidArgumentError(
    "It must be origins separated by commas, such as https://app.example, or *.",
  );
}

/** Names of hosts without ports, separated by commas: `gateway`, `.example.com` for all below it, or "*". */
export function parseHostNames(text: string): string[] {
  return text.split(",").map((part) => {
    const name = part.trim().toLowerCase();
    if (name === "*" || /^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(name)) return name;
    throw new InvalidArgumentError(
      "It must be names separated by commas, such as gateway,.example.com, or *.",
    );
  });
}

/** A time in seconds. It stays one, so that help and `--print-config` show the unit of the flag. */
export function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds > 0 && seconds <= 86_400))
    throw new InvalidArgumentError("It must be a number of seconds above 0, at most 86400.");
  return seconds;
}

/** What services are configured with: whole milliseconds, 1 or more. */
export function msOf(seconds: number): number {
  return Math.max(1, Math.round(seconds * 1000));
}

/** A policy; kept as it was written. */
export function parsePolicySpec(text: string): string {
  try {
    parsePolicy(text);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return text;
}

/** What drafts, separated by commas, each once. */
export function parseDrafters(text: string): DrafterKind[] {
  const names = text.split(",").map((name) => name.trim());
  const kinds = drafterKinds.filter((kind) => names.includes(kind));
  if (kinds.length < names.length)
    throw new InvalidArgumentError(
      `It must be one or more of ${drafterKinds.join(", ")}, each once, separated by commas.`,
    );
  return kinds;
}

/** A whole number from `low` to `high`. */
export function parseFrom(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= low && value <= high))
      throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
    return value;
  };
}

/** A name that Redis keys and channels are made of. */
export function parseNamespace(text: string): string {
  if (!/^[A-Za-z0-9-]{1,64}$/.test(text))
    throw new InvalidArgumentError("It must be 1 to 64 letters, digits and dashes.");
  return text;
}
