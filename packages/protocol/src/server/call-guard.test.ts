import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { checkHealth } from "../client/check-health.ts";
import { openVerificationClient } from "../client/verification-client.ts";
import type { GuardLimits } from "./call-guard.ts";
import { startTestServer } from "./test-server.cases.ts";

const verify = "/adaedl.v2.Verification/Verify";
const check = "/grpc.health.v1.Health/Check";
const watch = "/grpc.health.v1.Health/Watch";
const reflect = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
/** A frame that holds a message without fields. */
const emptyMessage = Buffer.alloc(5);

/** A server with tokens of two clients, and raw calls to it. */
async function startGuarded(limits: Partial<GuardLimits> = {}) {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-guard-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const tokensFile = join(directory, "tokens");
  writeFileSync(tokensFile, "alice tok-a\nbob tok-b\n");
  const server = await startTestServer({
    ...limits,
    tokensFile,
    verification: { verify: async (receive) => void (await receive()) },
  });
  onTestFinished(() => server.close());
  const session = connectHttp2(`http://${server.address}`);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());

  /** Opens a call and sends nothing unless told to; `ended` is the status it ends with. */
  function call(path: string, token?: string) {
    const headers = { "content-type": "application/grpc", te: "trailers" };
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      ...headers,
      ...authorization,
    });
    stream.on("error", () => {});
    stream.resume();
    const ended = new Promise<number>((resolve) => {
      for (const event of ["response", "trailers"])
        stream.on(event, (fields) => {
          if ("grpc-status" in fields) resolve(Number(fields["grpc-status"]));
        });
    });
    return { ended, send: () => stream.write(emptyMessage) };
  }
  return { address: server.address, call };
}

const describeAs = async (address: string, token: string) => {
  const client = openVerificationClient({ address, token });
  onTestFinished(() => client.close());
  return (await client.describe(5_000)).modelId;
};

test.each([verify, check, "/adaedl.v1.Generation/Generate"])(
  "a call of %s that sends no message is ended",
  async (path) => {
    const { call } = await startGuarded({ firstMessageMs: 50 });
    expect(await call(path, "tok-a").ended).toBe(status.DEADLINE_EXCEEDED);
  },
);

test("calls without a message are shared among clients", async () => {
  const { address, call } = await startGuarded({ maxSilentCalls: 4 });
  const calls = Array.from({ length: 6 }, () => call(verify, "tok-a"));
  expect(await Promise.all(calls.slice(4).map(({ ended }) => ended))).toEqual([
    status.RESOURCE_EXHAUSTED,
    status.RESOURCE_EXHAUSTED,
  ]);
  expect(await describeAs(address, "tok-b")).toBe("target");
  expect(await calls[3]?.ended).toBe(status.RESOURCE_EXHAUSTED);
  expect(await describeAs(address, "tok-a")).toBe("target"); // bob's call has ended
});

test("where tokens are asked for, only a health check goes without", async () => {
  const { address, call } = await startGuarded();
  for (const path of [verify, watch, reflect, "/grpc.health.v1.Health/List"])
    expect(await call(path).ended, path).toBe(status.UNAUTHENTICATED);
  expect(await checkHealth({ address }, "", 5_000)).toBe("NOT_SERVING");
  const asked = call(reflect, "tok-b");
  asked.send();
  expect(await Promise.race([asked.ended, Promise.resolve("runs")])).toBe("runs");
});

test("watches and reflection are bounded as long as they last, and shared among clients", async () => {
  const { call } = await startGuarded({ maxAuxiliaryCalls: 2 });
  const [first, second] = [call(watch, "tok-a"), call(reflect, "tok-a")];
  for (const each of [first, second]) each?.send();
  expect(await call(watch, "tok-a").ended).toBe(status.RESOURCE_EXHAUSTED);
  call(watch, "tok-b").send();
  expect(await second?.ended).toBe(status.RESOURCE_EXHAUSTED);
});
