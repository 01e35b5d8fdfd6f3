import { once } from "node:events";
import { createServer } from "node:net";
import { status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { openGenerationClient } from "../client/generation-client.ts";
import { openVerificationClient } from "../client/verification-client.ts";
import { maxMessageBytes, maxRequestBytes } from "../limits.ts";
import { createAuthority, createPemFolder } from "../security/certificates.cases.ts";
import { encodeVerifyRequest } from "../verification/request-codec.ts";
import { openGrpcServer } from "./grpc-server.ts";
import type { CallContext } from "./served-service.ts";
import { open, opened, rawClients, startTestServer } from "./test-server.cases.ts";

const { signal } = new AbortController();

describe("a message that is too large", () => {
  const ids = (count: number) => Array(count).fill(2 ** 28); // five bytes each
  const numFitting = Math.floor(maxMessageBytes / 5) - 100;

  test("is refused, its handler's signal aborted, and others are unharmed", async () => {
    const contexts: CallContext[] = [];
    await using server = await startTestServer({
      verification: {
        async verify(receive, send, context) {
          contexts.push(context);
          for (let next = await receive(); next; next = await receive()) await send(opened);
        },
      },
    });
    using clients = rawClients(server.address);
    const other = clients.verification.Verify();
    const wire = encodeVerifyRequest(open);
    other.write(wire);
    await once(other, "data");

    const call = clients.verification.Verify();
    call.on("data", () => {});
    const failed = once(call, "error");
    call.write(encodeVerifyRequest({ ...open, promptTokenIds: ids(numFitting + 200) }));
    const [error] = await failed;
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(error.details).toMatch(/^Received message larger than max \(\d+ vs 4259840\)$/);
    await expect.poll(() => contexts[1]?.signal.aborted).toBe(true);

    expect(contexts[0]?.signal.aborted).toBe(false);
    other.write(wire);
    await once(other, "data"); // over the same connection
    other.end();
    await once(other, "end");
  });

  test("is not even sent by our client, and one a little smaller is taken", async () => {
    const lengths: number[] = [];
    await using server = await startTestServer({
      verification: {
        async verify(receive) {
          const message = await receive();
          if (message?.type === "open") lengths.push(message.promptTokenIds.length);
        },
      },
    });
    const client = openVerificationClient({ address: server.address });
    const big = client.openStream({ ...open, promptTokenIds: ids(numFitting + 200) });
    await expect(big.receive(signal)).rejects.toMatchObject({
      code: "out_of_range", // not "resource_exhausted", after which it would be sent again
      message: `promptTokenIds must fit into a message of ${maxMessageBytes} bytes`,
      field: "promptTokenIds",
    });
    const fine = client.openStream({ ...open, promptTokenIds: ids(numFitting) });
    expect(await fine.receive(signal)).toBeUndefined();
    expect(lengths).toContain(numFitting);
    client.close();
  });

  test("of a generation names the prompt, and what fits into an HTTP body is taken", async () => {
    const lengths: number[] = [];
    await using server = await startTestServer({
      generation: {
        async *generate({ prompt }) {
          if (prompt.type === "text") lengths.push(prompt.text.length);
          yield { type: "token", tokenId: 1, text: "", origin: "bonus" };
        },
      },
    });
    const client = openGenerationClient({ address: server.address });
    const send = async (numBytes: number) => {
      const prompt = { type: "text", text: "x".repeat(numBytes) } as const;
      for await (const _ of client.generate({ prompt, policy: "adaedl" })) break;
    };
    await expect(send(maxMessageBytes)).rejects.toMatchObject({
      code: "out_of_range",
      message: `prompt must fit into a message of ${maxMessageBytes} bytes`,
      field: "prompt",
    });
    await send(maxRequestBytes);
    expect(lengths).toEqual([maxRequestBytes]);
    client.close();
  });
});

describe("a server that cannot listen", () => {
  test("says where, because the port is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    const listen = `127.0.0.1:${port}`;
    const error = {
      code: "unavailable",
      message: expect.stringMatching(`^cannot listen on ${listen}: .*EADDRINUSE`),
      field: "listen",
      value: listen,
    };
    await expect(openGrpcServer({ listen }, [])).rejects.toMatchObject(error);
    using folder = createPemFolder();
    const authority = createAuthority("ca");
    const tls = folder.write(authority.issue({ commonName: "verifier", usage: "server" }));
    const numTimers = () => process.getActiveResourcesInfo().filter((r) => r === "Timeout").length;
    const before = numTimers();
    await expect(openGrpcServer({ listen, tls }, [])).rejects.toMatchObject(error);
    expect(numTimers()).toBeLessThanOrEqual(before);
    taken.close();
  });

  test.each(["", "nowhere", "127.0.0.1:x", "127.0.0.1:99999", "no.such.host.invalid:1"])(
    "says where: %j",
    async (listen) => {
      await expect(openGrpcServer({ listen }, [])).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining(`cannot listen on ${listen}: `),
        field: "listen",
      });
    },
  );
});
