import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { parseExposition } from "./exposition.cases.ts";
import type { MetricsSource } from "./exposition.ts";
import { createMetrics } from "./instruments.ts";
import { type MetricsServer, openMetricsServer } from "./metrics-server.ts";
import { verifierCatalogue } from "./verifier-catalogue.ts";

const open: MetricsServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(metrics: MetricsSource, listen = "127.0.0.1:0"): Promise<MetricsServer> {
  const server = await openMetricsServer(listen, () => metrics);
  open.push(server);
  return server;
}

const verifierMetrics = () => createMetrics(verifierCatalogue, () => ({ num_requests_running: 1 }));

describe("the metrics server", () => {
  test("answers a scrape in Prometheus' text format", async () => {
    const metrics = verifierMetrics();
    const { address } = await serve(metrics);
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    metrics.recorder({}).count("stalled_jobs_total");
    const response = await fetch(`http://${address}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const families = parseExposition(await response.text());
    expect(families.get("adaedl_num_requests_running")?.samples[0]?.value).toBe(1);
    expect(families.get("adaedl_stalled_jobs_total")?.samples[0]?.value).toBe(1);
  });

  test("does not mind a query, and HEAD", async () => {
    const { address } = await serve(verifierMetrics());
    expect((await fetch(`http://${address}/metrics?name=x`)).status).toBe(200);
    const head = await fetch(`http://${address}/metrics`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  test.each([
    ["GET", "/", 404, "only /metrics is here\n"],
    ["GET", "/metrics/", 404, "only /metrics is here\n"],
    ["POST", "/elsewhere", 404, "only /metrics is here\n"],
    ["POST", "/metrics", 405, "only GET is answered\n"],
    ["DELETE", "/metrics", 405, "only GET is answered\n"],
  ])("answers %s %s with %i", async (method, path, status, body) => {
    const { address } = await serve(verifierMetrics());
    const response = await fetch(`http://${address}${path}`, { method });
    expect([response.status, await response.text()]).toEqual([status, body]);
    expect(response.headers.get("allow")).toBe(status === 405 ? "GET, HEAD" : null);
  });

  test("says so when the metrics cannot be read, and answers the next scrape", async () => {
    let isBroken = true;
    const metrics = createMetrics(verifierCatalogue, () => {
      if (isBroken) throw new Error("no numbers");
      return {};
    });
    const { address } = await serve(metrics);
    const broken = await fetch(`http://${address}/metrics`);
    expect([broken.status, await broken.text()]).toEqual([
      500,
      "metrics cannot be read: no numbers\n",
    ]);
    isBroken = false;
    expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
  });

  test("outlives clients that go away in the middle", async () => {
    let finish: (text: string) => void = () => {};
    const rendered = new Promise<string>((resolve) => {
      finish = resolve;
    });
    let numAsked = 0;
    const slow = {
      contentType: "text/plain",
      render: () => (numAsked++ === 0 ? rendered : Promise.resolve("done\n")),
    };
    const { address } = await serve(slow);
    const leaving = get(`http://${address}/metrics`).on("error", () => {});
    await expect.poll(() => numAsked).toBe(1);
    const left = new Promise((resolve) => leaving.once("close", resolve));
    leaving.destroy();
    await left;
    finish("x".repeat(1 << 22));
    expect(await (await fetch(`http://${address}/metrics`)).text()).toBe("done\n");
  });

  test("refuses what is no HTTP, and goes on", async () => {
    const { address } = await serve(verifierMetrics());
    const answer = await fetch(`http://${address}/metrics`, {
      headers: { padding: "x".repeat(20_000) },
    });
    expect(answer.status).toBe(431);
    const { hostname, port } = new URL(`http://${address}`);
    const socket = connect(Number(port), hostname).setEncoding("utf8");
    socket.end("nonsense\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
  });

  test("close() frees the port at once, whoever keeps a connection", async () => {
    const server = await serve(verifierMetrics());
    const agent = new Agent({ keepAlive: true });
    const url = `http://${server.address}/metrics`;
    const [response] = await once(get(url, { agent }), "response");
    await text(response);
    await expect.poll(() => Object.values(agent.freeSockets).flat().length).toBe(1);
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(1_000);
    await server.close();
    const next = await serve(verifierMetrics(), server.address);
    expect(next.address).toBe(server.address);
    agent.destroy();
  });

  test("close() does not wait for an answer that is not there yet", async () => {
    let numAsked = 0;
    const stuck = () => {
      numAsked++;
      return new Promise<string>(() => {});
    };
    const server = await serve({ contentType: "text/plain", render: stuck });
    const asking = fetch(`http://${server.address}/metrics`).catch(() => "cut off");
    await expect.poll(() => numAsked).toBe(1);
    await server.close();
    expect(await asking).toBe("cut off");
    const next = await serve(verifierMetrics(), server.address);
    expect(next.address).toBe(server.address);
  });

  test("listens on IPv6", async () => {
    const { address } = await serve(verifierMetrics(), "[::1]:0");
    expect(address).toMatch(/^\[::1\]:\d+$/);
    expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
  });

  test("names an address that is taken, in one line", async () => {
    const { address } = await serve(verifierMetrics());
    await expect(openMetricsServer(address, verifierMetrics)).rejects.toThrow(
      `cannot listen on ${address} for metrics: listen EADDRINUSE: address already in use ${address}`,
    );
  });

  test.each(["9464", ":9464", "127.0.0.1", "127.0.0.1:http"])("refuses %s", async (listen) => {
    await expect(openMetricsServer(listen, verifierMetrics)).rejects.toThrow(
      `cannot listen on ${listen} for metrics: it must be HOST:PORT`,
    );
  });
});
