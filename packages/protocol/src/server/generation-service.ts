import { Generation, generationServiceName } from "../definitions.ts";
import { writeMessage } from "../flow.ts";
import type { GenerationHandlers } from "../gen/adaedl/v1/Generation.ts";
import { encodeGenerateEvent } from "../generation/event-codec.ts";
import type {
  DraftServiceDescription,
  GenerateEvent,
  GenerateRequest,
} from "../generation/messages.ts";
import { decodeGenerateRequest } from "../generation/request-codec.ts";
import { type CallContext, createCallRunner, type ServedService } from "./served-service.ts";

/** What a draft service implements. */
export interface GenerationHandler {
  describe(): DraftServiceDescription;
  /** Pulled no faster than the client reads. */
  generate(request: GenerateRequest, context: CallContext): AsyncIterable<GenerateEvent>;
}

/** @param writeTimeoutMs how long a client may take nothing before it is cut off */
export function generationService(
  handler: GenerationHandler,
  writeTimeoutMs: number,
): ServedService {
  const runner = createCallRunner();
  return {
    name: generationServiceName,
    whenIdle: runner.whenIdle,
    endAll: runner.endAll,
    addTo(server, guard) {
      const handlers: GenerationHandlers = {
        Describe(call, callback) {
          let description: DraftServiceDescription | undefined;
          runner
            .run(call, guard, async () => {
              description = handler.describe();
            })
            .then((failed) => callback(failed ?? null, description));
        },
        Generate(call) {
          runner
            .run(call, guard, async (context) => {
              const request = decodeGenerateRequest(call.request);
              for await (const event of handler.generate(request, context))
                await writeMessage(
                  call,
                  encodeGenerateEvent(event),
                  writeTimeoutMs,
                  context.signal,
                );
            })
            .then((failed) => (failed === undefined ? call.end() : call.emit("error", failed)));
        },
      };
      server.addService(Generation.service, handlers as never);
    },
  };
}
