import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it, vi } from "vitest";
import { clusterBusOffset, findFreePort } from "./free-port.ts";

it.each([
  ["that somebody has", 0],
  ["of which somebody has the second one, for clusters", clusterBusOffset],
])("passes over a port %s", async (_, offset) => {
  using random = vi.spyOn(Math, "random");
  const port = await findFreePort();
  const draw = random.mock.results.at(-1)?.value;
  const server = createServer().listen(port + offset, "127.0.0.1");
  await once(server, "listening");
  random.mockReturnValueOnce(draw);
  const other = await findFreePort();
  server.close();
  expect(other).not.toBe(port);
});
