import { expect, test } from "vitest";
import { parseRedisUrl, redactRedisUrl } from "./redis-url.ts";

const server = { kind: "server", database: 0, isEncrypted: false };

test.each([
  ["redis://cache", { ...server, hosts: [{ host: "cache", port: 6379 }] }],
  [
    "redis://10.0.0.1:7000/3",
    { ...server, hosts: [{ host: "10.0.0.1", port: 7000 }], database: 3 },
  ],
  ["redis://[::1]:7000", { ...server, hosts: [{ host: "::1", port: 7000 }] }],
  [
    "rediss://ada:p%40ss%2Fword@cache",
    {
      ...server,
      hosts: [{ host: "cache", port: 6379 }],
      isEncrypted: true,
      username: "ada",
      password: "p@ss/word",
    },
  ],
  [
    "redis://:secret@cache",
    { ...server, hosts: [{ host: "cache", port: 6379 }], password: "secret" },
  ],
  [
    "redis+sentinel://:secret@one,two:26380/main/2",
    {
      kind: "sentinel",
      hosts: [
        { host: "one", port: 26_379 },
        { host: "two", port: 26_380 },
      ],
      masterName: "main",
      password: "secret",
      database: 2,
      isEncrypted: false,
    },
  ],
  [
    "rediss+cluster://one:7000,two:7001",
    {
      kind: "cluster",
      hosts: [
        { host: "one", port: 7000 },
        { host: "two", port: 7001 },
      ],
      database: 0,
      isEncrypted: true,
    },
  ],
])("%s", (url, target) => {
  expect(parseRedisUrl(url)).toEqual(target);
});

test.each([
  "cache:6379",
  "http://cache",
  "redis://",
  "redis://one,two",
  "redis://cache:0",
  "redis://cache:70000",
  "redis://cache/x",
  "redis://cache/-1",
  "redis+sentinel://one",
  "redis+cluster://one/1",
  "redis+pubsub://one",
  "redis://%zz:secret@cache",
])("%s is refused, and says what a URL has to be", (url) => {
  expect(() => parseRedisUrl(url)).toThrow(
    expect.objectContaining({ code: "invalid_argument", field: "redisUrl" }),
  );
});

test("a password is shown to nobody", () => {
  const refuse = () => parseRedisUrl("redis://ada:secret@one,two");
  expect(refuse).toThrow(/redis:\/\/ada:\*\*\*@one,two/);
  expect(refuse).not.toThrow(/secret/);
  expect(redactRedisUrl("redis://cache:1")).toBe("redis://cache:1");
});
