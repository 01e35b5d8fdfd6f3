import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { startTestServer } from "../server/test-server.cases.ts";
import { checkHealth } from "./check-health.ts";
import { isProxyAllowed } from "./proxy.ts";

const closing: (() => unknown)[] = [];
// The library prints that a proxy refused it, in a test that is over as well.
const printed = vi.spyOn(console, "error").mockReturnValue();
afterAll(() => printed.mockRestore());
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
});

/** A proxy that refuses everything, and what it was asked for. */
async function openProxy() {
  const asked: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(403).end();
  });
  proxy.on("connect", ({ url }, socket) => {
    asked.push(url);
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
  proxy.listen(0, "127.0.0.1");
  closing.push(() => proxy.close().closeAllConnections());
  await once(proxy, "listening");
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

test.each([
  "127.0.0.1:50051",
  "127.8.8.8:1",
  "localhost:50051",
  "LOCALHOST:50051",
  "draft.localhost:50051",
  "[::1]:50051",
  "dns:///localhost:50051",
  "dns:localhost:50051",
  "ipv4:127.0.0.1:50051",
])("%s is never reached through a proxy", (address) => {
  expect(isProxyAllowed(address, { grpc_proxy: "http://proxy:3128" })).toBe(false);
});

test.each(["verifier:50051", "10.0.0.1:50051", "dns:///verifier:50051", "localhost.example.com:1"])(
  "%s is reached through grpc_proxy, and not through the proxies of the web",
  (address) => {
    expect(isProxyAllowed(address, { grpc_proxy: "http://proxy:3128" })).toBe(true);
    const http_proxy = "http://proxy:3128";
    expect(isProxyAllowed(address, { http_proxy, https_proxy: http_proxy })).toBe(false);
    expect(isProxyAllowed(address, { grpc_proxy: "" })).toBe(false);
  },
);

test.each(["http_proxy", "https_proxy", "grpc_proxy"])(
  "%s is not asked for loopback",
  async (name) => {
    const proxy = await openProxy();
    vi.stubEnv(name, proxy.url);
    const server = await startTestServer();
    closing.push(() => server.close());
    expect(await checkHealth({ address: server.address }, "", 5_000)).toMatch(/SERVING$/);
    expect(proxy.asked).toEqual([]);
  },
);

test("an address outside is asked of grpc_proxy, and the error tells", async () => {
  const proxy = await openProxy();
  vi.stubEnv("grpc_proxy", proxy.url);
  await expect(checkHealth({ address: "verifier.example:50051" }, "", 5_000)).rejects.toMatchObject(
    {
      code: "unavailable",
      message: "No connection established through the proxy of grpc_proxy",
    },
  );
  expect(proxy.asked).toContain("verifier.example:50051");
});

test("no_grpc_proxy leaves a host out", async () => {
  const proxy = await openProxy();
  vi.stubEnv("grpc_proxy", proxy.url);
  vi.stubEnv("no_grpc_proxy", ".invalid");
  const asked = checkHealth({ address: "verifier.invalid:50051" }, "", 5_000);
  await expect(asked).rejects.toThrow();
  expect(proxy.asked).toEqual([]);
});
