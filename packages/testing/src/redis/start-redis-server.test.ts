import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "./connect.cases.ts";
import { pingRedis } from "./ping-redis.ts";
import { type RedisServerOptions, startRedisServer } from "./start-redis-server.ts";

async function start(options?: RedisServerOptions) {
  const server = await startRedisServer(options);
  onTestFinished(() => server.close());
  return server;
}

describe("a server that is killed", () => {
  it("refuses connections until it is started again, on the same port, and is empty", async () => {
    const server = await start();
    await connect(server.url).set("key", "value");
    await server.kill();
    await expect(pingRedis(server.url)).rejects.toThrow("ECONNREFUSED");
    await server.start();
    expect(await connect(server.url).dbsize()).toBe(0);
  });

  it("has what was written when it keeps it", async () => {
    const server = await start({ appendOnly: true });
    await connect(server.url).set("key", "value");
    await server.kill();
    await server.start();
    expect(await connect(server.url).get("key")).toBe("value");
  });
});

it("stops in an orderly way, too", async () => {
  const server = await start({ args: ["--save", "3600", "1"] });
  await connect(server.url).set("key", "value");
  await server.stop();
  expect(existsSync(join(server.directory, "dump.rdb"))).toBe(true);
  await server.start();
  expect(await connect(server.url).get("key")).toBe("value");
});

it("passes on signals: a frozen server is silent, a thawed one answers", async () => {
  const server = await start();
  server.signal("SIGSTOP");
  await expect(pingRedis(server.url)).rejects.toThrow("Command timed out");
  server.signal("SIGCONT");
  await pingRedis(server.url);
});

it("takes arguments of redis-server", async () => {
  const { url } = await start({
    args: ["--maxmemory", "20mb", "--user", "alice", "on", ">secret", "~*", "+@all"],
  });
  expect(await connect(url).config("GET", "maxmemory")).toEqual(["maxmemory", "20971520"]);
  const alice = connect(url, { username: "alice", password: "secret" });
  expect(await alice.acl("WHOAMI")).toBe("alice");
});

it("asks for a password, which the URL has", async () => {
  const { url, port } = await start({ password: "a/b@c:d" });
  await pingRedis(url);
  await expect(pingRedis(`redis://127.0.0.1:${port}`)).rejects.toThrow("NOAUTH");
});

it("speaks TLS: shows its certificate, and asks for one when it shall", async () => {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-redis-tls-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const certFile = join(directory, "cert.pem");
  const keyFile = join(directory, "key.pem");
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-nodes", "-keyout", keyFile, "-out", certFile];
  execFileSync("openssl", [...request, ...names, ...files], { stdio: "ignore" });
  const tls = { certFile, keyFile, caFile: certFile };
  const cert = readFileSync(certFile);
  const key = readFileSync(keyFile);

  const { url } = await start({ tls });
  expect(url).toMatch(/^rediss:/);
  await pingRedis(url, { ca: cert });
  await expect(pingRedis(url)).rejects.toThrow("self-signed certificate");

  const mutual = await start({ tls: { ...tls, asksClients: true } });
  await pingRedis(mutual.url, { ca: cert, cert, key });
  await expect(pingRedis(mutual.url, { ca: cert })).rejects.toThrow();
});

it("removes its directory when it is closed, and closes twice", async () => {
  const server = await startRedisServer();
  expect(existsSync(server.directory)).toBe(true);
  await server.close();
  await server.close();
  expect(existsSync(server.directory)).toBe(false);
  await expect(pingRedis(server.url)).rejects.toThrow("ECONNREFUSED");
});

it("says why it does not start", async () => {
  await expect(startRedisServer({ args: ["--no-such-option", "1"] })).rejects.toThrow(
    /redis-server .*--no-such-option 1 ended: .*Bad directive/s,
  );
});

it("is not started twice", async () => {
  const server = await start();
  await expect(server.start()).rejects.toThrow(
    `the redis-server on port ${server.port} runs already`,
  );
});
