import { createRequire } from "node:module";
import { join } from "node:path";
import {
  type Client,
  credentials,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  status,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { expect, test } from "vitest";
import { openGrpcServer } from "./grpc-server.ts";
import { addReflection } from "./reflection.ts";
import { startTestServer, verifierDescription } from "./test-server.cases.ts";
import { verificationService } from "./verification-service.ts";

/** A client of the reflection service, from the library's own description of it. */
function openReflection(address: string) {
  const root = createRequire(import.meta.url).resolve("@grpc/reflection");
  const protoFile = join(root, "../../proto/grpc/reflection/v1/reflection.proto");
  // biome-ignore lint/suspicious/noExplicitAny: the library's types stop here
  const { ServerReflection } = (loadPackageDefinition(loadSync(protoFile)) as any).grpc.reflection
    .v1;
  const client = new ServerReflection(address, credentials.createInsecure()) as Client & {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    serverReflectionInfo(): any;
  };
  return {
    async ask(request: object) {
      const call = client.serverReflectionInfo();
      call.write(request);
      call.end();
      for await (const response of call) return response;
    },
    close: () => client.close(),
  };
}

async function listServices(address: string): Promise<string[]> {
  const reflection = openReflection(address);
  const { listServicesResponse } = await reflection.ask({ listServices: "" });
  reflection.close();
  return listServicesResponse.service.map(({ name }: { name: string }) => name).sort();
}

const handler = {
  describe: () => verifierDescription,
  getTokenizer: async () => new Uint8Array(),
  verify: async () => {},
};

test("reflection lists the services that the server carries, and health", async () => {
  await using both = await startTestServer();
  expect(await listServices(both.address)).toEqual([
    "adaedl.v1.Generation",
    "adaedl.v2.Verification",
    "grpc.health.v1.Health",
  ]);
  await using one = await openGrpcServer({ listen: "127.0.0.1:0" }, [
    verificationService(handler, 1_000),
  ]);
  expect(await listServices(one.address)).toEqual([
    "adaedl.v2.Verification",
    "grpc.health.v1.Health",
  ]);
});

test("reflection describes a service with all files that it imports, so that a tool can call it", async () => {
  await using server = await startTestServer();
  const reflection = openReflection(server.address);
  const { fileDescriptorResponse } = await reflection.ask({
    fileContainingSymbol: "adaedl.v2.Verification",
  });
  const files: Buffer[] = fileDescriptorResponse.fileDescriptorProto;
  const text = Buffer.concat(files).toString("latin1");
  expect(text).toContain("DescribeVerifierRequest");
  expect(text).toContain("parentOffsets");
  expect(text).toContain("repetitionPenalty"); // of adaedl.v1.Sampling
  expect(text).toContain("\x1a\x0fadaedl_v1.proto"); // field 3: dependency
  reflection.close();
});

test("where files are missing, each call fails, and the server goes on", async () => {
  const server = new Server();
  let numTries = 0;
  addReflection(server, [], () => {
    numTries++;
    throw new Error("Cannot find module '/opt/proto/package.json'");
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const reflection = openReflection(`127.0.0.1:${port}`);
  try {
    for (let call = 1; call <= 2; call++) {
      await expect(reflection.ask({ listServices: "" })).rejects.toMatchObject({
        code: status.INTERNAL,
        details: "the server cannot describe its services: files of its installation are missing",
      });
      expect(numTries).toBeGreaterThanOrEqual(call);
    }
  } finally {
    reflection.close();
    server.forceShutdown();
  }
});
