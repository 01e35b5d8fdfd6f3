import { isIP } from "node:net";
import { AdaedlError } from "@adaedl/core";
import type { FastifyInstance } from "fastify";

/**
 * Keeps out web pages whose own name was made to lead here (DNS rebinding): browsers take the gateway for
 * such a page's origin, but send the page's name as Host. An IP address, or a name of this machine, is
 * never such a name.
 * @param allowed further names; ".example.com" allows all below it, "*" any
 */
export function checkHostNames(app: FastifyInstance, allowed: readonly string[]): void {
  if (allowed.includes("*")) return;
  app.addHook("onRequest", async ({ headers: { host } }) => {
    if (host === undefined || isAllowed(nameOf(host), allowed)) return;
    throw new AdaedlError(
      "permission_denied",
      `the Host must be an IP address, localhost or a name of --allowed-hosts, got ${JSON.stringify(host.slice(0, 80))}`,
    );
  });
}

function isAllowed(name: string, allowed: readonly string[]): boolean {
  const isLocal = name === "localhost" || name.endsWith(".localhost");
  if (isLocal || isIP(name.replace(/^\[|\]$/g, "")) !== 0) return true;
  return allowed.some((one) => (one.startsWith(".") ? name.endsWith(one) : name === one));
}

/** Without port, and without the dot that a full name may end in. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}
