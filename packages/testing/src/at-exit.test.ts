import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { pingRedis } from "./redis/ping-redis.ts";

it("a process that exits leaves no Redis behind", async () => {
  const module = new URL("./redis/start-redis-server.ts", import.meta.url).href;
  const script = `
    const { startRedisServer } = await import(${JSON.stringify(module)});
    const { url, directory } = await startRedisServer();
    process.stdout.write(JSON.stringify({ url, directory }), () => process.exit());
  `;
  const args = ["--import", "tsx", "--input-type=module", "--eval", script];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  const { url, directory } = JSON.parse(output);
  expect(existsSync(directory)).toBe(false);
  await expect(pingRedis(url)).rejects.toThrow("ECONNREFUSED");
});
