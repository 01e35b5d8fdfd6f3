import { isIPv6 } from "node:net";

/** Groups of an IPv6 address that say which network it is of: whoever has one has all of its 2^64 addresses. */
const numNetworkGroups = 4;

/** What counts as one address: of IPv4 the address, of IPv6 its /64. @returns anything else as it is */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return address;
  const [before = [], after = []] = bare.split("::").map((part) => part.split(":").filter(Boolean));
  const numZeros = 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(numZeros).fill("0"), ...after];
  const network = groups.slice(0, numNetworkGroups).map((group) => Number.parseInt(group, 16));
  return `${network.map((group) => group.toString(16)).join(":")}::/64`;
}
