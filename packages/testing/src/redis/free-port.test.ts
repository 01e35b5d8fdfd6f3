import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it, vi } from "vitest";
import { clusterBusOffset, findFreePort } from "./free-port.ts";

it.each([
  ["that somebody has", 0],
  ["of which somebody has the second one, for clusters", clusterBusOffset],
])("passes over a port %s", async (_, offset) => {
  using random = vi.spyOn(Math, "random");
  random.mockReturnValueOnce(0.25);
  const port = await findFreePort();
  const server = createServer().listen(port + offset, "127.0.0.1");
  await once(server, "listening");
  random.mockReturnValueOnce(0.25).mockReturnValueOnce(0.75);
  const other = await findFreePort();
  server.close();
  expect([port, other]).toEqual([15_500, 26_500]);
});
