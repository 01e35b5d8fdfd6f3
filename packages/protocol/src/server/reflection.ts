import { createRequire } from "node:module";
import { AdaedlError } from "@adaedl/core";
import type { handleBidiStreamingCall, Server, ServiceDefinition } from "@grpc/grpc-js";
import { healthServiceName, once } from "../definitions.ts";
import { toStatus } from "../errors/rich-status.ts";
import { reflectedDefinitions } from "./reflected-files.ts";

type Call = handleBidiStreamingCall<object, object>;
/** What the library adds to a server for one version of reflection, by its method. */
type Version = readonly [ServiceDefinition, { readonly ServerReflectionInfo: Call }];

const require = createRequire(import.meta.url);
/** The cause, which names paths of this machine, is not sent. */
const cannotDescribe =
  "the server cannot describe its services: files of its installation are missing";
const versions = ["grpc.reflection.v1", "grpc.reflection.v1alpha"];

/**
 * Has a server describe these services, and health. All files are decoded and indexed for that, which takes
 * as long as opening the server: it is done when somebody asks. Where a
 * package or a .proto file is missing, the call fails with INTERNAL.
 */
export function addReflection(
  server: Server,
  names: readonly string[],
  define = reflectedDefinitions,
): void {
  const reflection = once(() => {
    const { ReflectionService } = require("@grpc/reflection") as typeof import("@grpc/reflection");
    const added = new Map<string, Version>();
    new ReflectionService(define(), {
      services: [...names, healthServiceName],
    }).addToServer({
      addService(...version: Version) {
        added.set(version[0].ServerReflectionInfo?.path ?? "", version);
      },
    } as unknown as Server);
    return added;
  });
  for (const version of versions) {
    const path = `/${version}.ServerReflection/ServerReflectionInfo`;
    const of = (): Version => {
      const found = reflection().get(path);
      if (found === undefined) throw new Error(`the library has no ${path}`);
      return found;
    };
    // Thrown from here, an error would end the process: grpc-js does not catch it.
    const reflect: Call = (call) => {
      try {
        of()[1].ServerReflectionInfo(call);
      } catch (cause) {
        call.emit("error", toStatus(new AdaedlError("internal", cannotDescribe, { cause })));
      }
    };
    server.register<object, object>(
      path,
      reflect,
      (response) => of()[0].ServerReflectionInfo?.responseSerialize(response) as Buffer,
      (request) => of()[0].ServerReflectionInfo?.requestDeserialize(request) as object,
      "bidi",
    );
  }
}
