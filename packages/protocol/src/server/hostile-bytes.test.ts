import { connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { gzipSync } from "node:zlib";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openVerificationClient } from "../client/verification-client.ts";
import type { GrpcServer } from "./grpc-server.ts";
import { startTestServer } from "./test-server.cases.ts";

let numReceived = 0;
let numRunning = 0;
let server: GrpcServer;
beforeAll(async () => {
  server = await startTestServer({
    verification: {
      async verify(receive) {
        numRunning++;
        try {
          while ((await receive()) !== undefined) numReceived++;
        } finally {
          numRunning--;
        }
      },
    },
  });
});
afterAll(() => server?.close());
beforeEach(() => {
  numReceived = 0;
});

interface RawRequest {
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body: Buffer;
}

/** Sends bytes as they are, and gives the status the server answers with. */
async function sendRaw({ path = "/adaedl.v2.Verification/Verify", headers, body }: RawRequest) {
  const session = connect(`http://${server.address}`);
  session.on("error", () => {});
  const stream = session.request({
    ":method": "POST",
    ":path": path,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  let found: unknown;
  const look = (headers: Record<string, unknown>) => {
    found ??= headers["grpc-status"];
  };
  stream.on("response", look).on("trailers", look);
  stream.on("error", () => {});
  stream.resume();
  stream.end(body);
  await new Promise((resolve) => stream.once("close", resolve));
  session.destroy();
  return Number(found);
}

function frame(message: Buffer, isCompressed = 0): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(isCompressed, 0);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

const hugeLength = Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 0]);
const gzip = { "grpc-encoding": "gzip" };

test.each<[string, RawRequest, status]>([
  ["no protobuf", { body: frame(Buffer.alloc(100, 0xff)) }, status.INVALID_ARGUMENT],
  ["a message of no kind", { body: frame(Buffer.alloc(0)) }, status.INVALID_ARGUMENT],
  ["a length of 4 GiB", { body: hugeLength }, status.RESOURCE_EXHAUSTED],
  ["no gzip", { headers: gzip, body: frame(Buffer.alloc(9, 7), 1) }, status.INTERNAL],
  [
    "64 MiB in a few bytes of gzip",
    { headers: gzip, body: frame(gzipSync(Buffer.alloc(64 << 20)), 1) },
    status.RESOURCE_EXHAUSTED,
  ],
  [
    "an encoding that nobody knows",
    { headers: { "grpc-encoding": "rot13" }, body: frame(Buffer.alloc(9), 1) },
    status.UNIMPLEMENTED,
  ],
  [
    "a timeout that is none",
    { headers: { "grpc-timeout": "soon" }, body: frame(Buffer.alloc(0)) },
    status.INTERNAL,
  ],
  [
    "a method that is not there",
    { path: "/adaedl.v2.Verification/Nothing", body: frame(Buffer.alloc(0)) },
    status.UNIMPLEMENTED,
  ],
])("%s is refused, no handler gets it, and the server goes on", async (_, request, expected) => {
  expect(await sendRaw(request)).toBe(expected);
  await expect.poll(() => numRunning).toBe(0);
  expect(numReceived).toBe(0);
  const client = openVerificationClient({ address: server.address });
  await expect(client.describe(5_000)).resolves.toMatchObject({ modelId: "target" });
  client.close();
});

test("a large message is refused before it is decoded, unless it is the first", async () => {
  const cancel = Buffer.from([0x1a, 0]);
  // Field 2, an offer of 2^20 bytes: lists of field 6, distributions, with nothing in them.
  const lists = Buffer.alloc(1 << 20, Buffer.from([0x32, 0]));
  const offer = Buffer.concat([Buffer.from([0x12, 0x80, 0x80, 0x40]), lists]);
  const body = Buffer.concat([frame(cancel), frame(offer)]);
  expect(await sendRaw({ body })).toBe(status.INVALID_ARGUMENT);
  expect(numReceived).toBe(1);
});

test("bytes that are no HTTP/2 close their connection, and no other", async () => {
  const client = openVerificationClient({ address: server.address });
  await client.describe(5_000);
  const [host, port] = server.address.split(":");
  const socket = connectTcp({ host: host ?? "", port: Number(port) });
  socket.on("error", () => {});
  socket.resume();
  socket.write(Buffer.alloc(100_000, "GET / HTTP/1.1\r\n\r\n"));
  await new Promise((resolve) => socket.once("close", resolve));
  await client.describe(5_000);
  client.close();
});
