import { once } from "node:events";
import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { buffer, json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createLogger } from "@adaedl/telemetry";
import type { FastifyInstance, InjectOptions } from "fastify";
import { describe, expect, test } from "vitest";
import { sendEvents } from "./event-stream.ts";
import { createHttpServer } from "./open-http-server.ts";

const writeTimeoutMs = 1_000;
const maxBodyBytes = 1 << 20;
const largeBytes = 32 << 20; // more than the buffers of a connection hold

/** A server with a route of each kind. */
async function serverFor(...corsOrigins: string[]): Promise<FastifyInstance> {
  const options = { corsOrigins, allowedHosts: ["app.example"], maxBodyBytes, writeTimeoutMs };
  const app = createHttpServer(options, createLogger("test", "silent"));
  await app.register(async (v1) => {
    v1.get("/v1/models", async () => ({}));
    v1.get("/v1/models/*", async () => ({}));
    v1.post("/v1/completions", async ({ body }) => body);
    v1.get("/v1/failing", async () => {
      throw new Error("broken");
    });
    v1.get("/v1/large", async () => Buffer.alloc(largeBytes));
    v1.get("/v1/stream", (_, reply) => {
      const first = { done: false, value: { a: 1 } };
      return sendEvents(reply, first, (async function* nothing() {})(), writeTimeoutMs);
    });
  });
  return app;
}

const ofJson = { "content-type": "application/json" };
const body = (payload: string | Buffer, headers = ofJson): InjectOptions => ({
  ...{ method: "POST", url: "/v1/completions", payload, headers },
});

describe("an error of the API is the answer to", () => {
  test.each<[what: string, request: InjectOptions, status: number, message: string]>([
    ["an unknown path", { url: "/v1/nothing?key=1" }, 404, "there is no GET /v1/nothing"],
    ["an unknown method", { method: "PUT", url: "/" } as InjectOptions, 404, "there is no PUT /"],
    ["the wrong method", { url: "/v1/completions" }, 405, "/v1/completions takes POST, got GET"],
    [
      "the wrong method below a path",
      { method: "DELETE", url: "/v1/models/a/b" },
      405,
      "/v1/models/a/b takes GET, HEAD, got DELETE",
    ],
    [
      "a URL that cannot be read",
      { url: "/v1/models/%zz" },
      400,
      "the path must be percent-encoded UTF-8",
    ],
    ["no body", body(""), 400, "the body must be JSON, and is empty"],
    ["half a body", body("{"), 400, "the body must be JSON"],
    [
      "bytes that are no UTF-8",
      body(Buffer.from([0x22, 0xff, 0x22])),
      400,
      "the body must be UTF-8",
    ],
    [
      "a long body",
      body(`"${"x".repeat(maxBodyBytes)}"`),
      413,
      "the body must be at most 1048576 bytes",
    ],
    ["lists in lists", body("[".repeat(33)), 400, "the body must be nested at most 32 deep"],
    [
      "a body of many parts",
      body(`[${"{},".repeat(33_000)}{}]`),
      400,
      "the body must have at most 32768 fields, lists and objects",
    ],
    [
      "a form",
      body("a=1", { "content-type": "application/x-www-form-urlencoded" }),
      415,
      "content-type must be application/json",
    ],
    [
      "text, which pages of any origin may send",
      body("{}", { "content-type": "text/plain" }),
      415,
      "content-type must be application/json",
    ],
  ])("%s", async (_, request, status, message) => {
    const app = await serverFor("https://app.example");
    const headers = { origin: "https://app.example", ...request.headers };
    const answer = await app.inject({ ...request, headers });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({
      error: {
        ...{ message, type: "invalid_request_error", param: null },
        code: { 404: "not_found", 405: "method_not_allowed" }[status] ?? "invalid_argument",
      },
    });
    expect(answer.headers["x-request-id"]).toMatch(/^[\w-]{36}$/);
    expect(answer.headers["access-control-allow-origin"]).toBe("https://app.example");
    if (status === 405) expect(message).toContain(answer.headers.allow);
  });
});

describe("a server that listens", () => {
  test.each<[what: string, options: RequestOptions, status: number, message: string]>([
    ["no Host", { setHost: false }, 400, "the request must have a Host header"],
    [
      "an expectation",
      { headers: { expect: "200-ok" } },
      417,
      'Expect must be 100-continue, got "200-ok"',
    ],
  ])("answers a request with %s with an error of the API", async (_, options, status, message) => {
    const app = await serverFor("*");
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const headers = { origin: "https://app.example", ...options.headers };
    const asked = request(`${url}/v1/models`, { ...options, headers }).end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    expect(answer.statusCode).toBe(status);
    expect(await json(answer)).toEqual({
      error: { message, type: "invalid_request_error", param: null, code: "invalid_argument" },
    });
    expect(answer.headers["x-request-id"]).toMatch(/^[\w-]{36}$/);
    expect(answer.headers["access-control-allow-origin"]).toBe("*");
    await app.close();
  });

  test("cuts off a client that takes nothing of its answer, and waits for a slow one", async () => {
    const app = await serverFor();
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    const open = async () => {
      const [answer] = await once(request(`${url}/v1/large`, { agent: false }).end(), "response");
      return answer as IncomingMessage;
    };
    let numBytes = 0;
    for await (const chunk of await open()) {
      numBytes += chunk.length;
      if (numBytes < 1 << 20) await sleep(writeTimeoutMs / 20);
    }
    expect(numBytes).toBe(largeBytes);

    const idle = await open();
    const numConnections = promisify(app.server.getConnections.bind(app.server));
    expect(await numConnections()).toBe(1);
    await expect.poll(numConnections, { timeout: 10_000 }).toBe(0);
    await expect(buffer(idle)).rejects.toThrow("aborted");
    await app.close();
  });

  test("answers what arrives while it closes", async () => {
    const app = await serverFor();
    let answer: Response | undefined;
    app.addHook("preClose", async () => {
      answer = await fetch(`${url}/v1/nothing`);
    });
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    await app.close();
    expect(await answer?.json()).toMatchObject({ error: { code: "not_found" } });
  });
});

test.each<[host: string, status: number]>([
  ...["localhost", "LOCALHOST:8080", "a.localhost", "127.0.0.1:80", "192.168.0.9", "[::1]:80"].map(
    (host): [string, number] => [host, 200],
  ),
  ...["app.example", "app.example.:8080", "APP.example"].map((host): [string, number] => [
    host,
    200,
  ]),
  ...["evil.example", "app.example.evil.example", "127.0.0.1.evil.example", "b.app.example"].map(
    (host): [string, number] => [host, 403],
  ),
])("the Host %s is answered with %d", async (host, status) => {
  const app = await serverFor();
  for (const url of ["/v1/models", "/v1/stream"])
    expect((await app.inject({ url, headers: { host } })).statusCode).toBe(status);
  const { statusCode, payload } = await app.inject({ url: "/v1/nothing", headers: { host } });
  expect(statusCode).toBe(status === 200 ? 404 : status);
  if (status === 403)
    expect(JSON.parse(payload).error).toMatchObject({
      ...{ type: "permission_error", param: null, code: "permission_denied" },
      message: expect.stringContaining("--allowed-hosts"),
    });
});

test("a body may begin with a byte order mark", async () => {
  const answer = await (await serverFor()).inject(body('\uFEFF{"a":"é"}'));
  expect(answer.json()).toEqual({ a: "é" });
});

describe("pages of other origins", () => {
  const pathsOfAll = ["/v1/models", "/v1/failing", "/v1/nothing", "/v1/stream"];
  const corsOf = (headers: object) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => /^(vary|access-control-.*)$/.test(name)),
    );
  const preflight: InjectOptions = {
    method: "OPTIONS",
    url: "/v1/completions",
    headers: {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type",
    },
  };

  test("are not spoken of where none is allowed", async () => {
    const app = await serverFor();
    const headers = { origin: "https://app.example" };
    for (const url of pathsOfAll)
      expect(corsOf((await app.inject({ url, headers })).headers), url).toEqual({});
    const answer = await app.inject(preflight);
    expect([answer.statusCode, corsOf(answer.headers)]).toEqual([405, {}]);
  });

  test.each<[allowed: string[], origin: string | undefined, answered: string | undefined]>([
    [["https://app.example"], "https://app.example", "https://app.example"],
    [["https://app.example", "http://b.example:81"], "http://b.example:81", "http://b.example:81"],
    [["https://app.example"], "http://app.example", undefined],
    [["https://app.example"], "null", undefined],
    [["https://app.example"], undefined, undefined],
    [["*"], "https://app.example", "*"],
    [["*"], "null", "*"],
    [["*"], undefined, undefined],
  ])("with %j, %s may read what %s says", async (allowed, origin, answered) => {
    const app = await serverFor(...allowed);
    const headers = origin === undefined ? {} : { origin };
    for (const url of pathsOfAll) {
      const answer = await app.inject({ url, headers });
      expect(corsOf(answer.headers), url).toEqual({
        ...(allowed.includes("*") ? {} : { vary: "Origin" }),
        ...(answered !== undefined && {
          "access-control-allow-origin": answered,
          "access-control-expose-headers": "x-request-id, retry-after",
        }),
      });
    }
    const { origin: _, ...ofPreflight } = preflight.headers ?? {};
    const answer = await app.inject({ ...preflight, headers: { ...ofPreflight, ...headers } });
    expect(answer.statusCode).toBe(answered === undefined ? 405 : 204);
    expect(answer.headers["access-control-allow-origin"]).toBe(answered);
    if (answered === undefined) return;
    expect(answer.headers).toMatchObject({
      "access-control-allow-methods": "GET, HEAD, POST",
      "access-control-allow-headers": "authorization,content-type",
      "access-control-max-age": "600",
    });
  });
});
