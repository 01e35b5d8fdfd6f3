/** A host of this machine: localhost and below it, 127.0.0.0/8, ::1. */
const loopback = /^(?:(?:.*\.)?localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/**
 * Whether a channel may go through a proxy. Only `grpc_proxy` asks for one: `http_proxy` and
 * `https_proxy`, which grpc-js reads too, mean the web, and clusters set them for every container.
 * Never for loopback addresses; hosts in `no_grpc_proxy`, else `no_proxy`, are left out by grpc-js.
 * @param address HOST:PORT or `dns:///HOST:PORT`
 */
export function isProxyAllowed(address: string, env: NodeJS.ProcessEnv = process.env): boolean {
  const host = address
    .replace(/^[a-z][\w+.-]*:(\/\/[^/]*\/|\/\/)?(?=.*:)/i, "")
    .replace(/:\d+$/, "");
  return Boolean(env.grpc_proxy) && !loopback.test(host);
}
