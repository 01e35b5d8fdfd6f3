import type {
  CommittedToken,
  DecodeEvent,
  DecodeFinished,
  DecodeParts,
  DecodeRequest,
} from "./output-events.ts";
import { TextRun } from "./text-run.ts";

/**
 * Decodes one text: the target commits, the draft model drafts, and neither waits for the other. Around
 * the state machine `EdgeStream` there are two loops, one for each of them; the reader of the events is
 * the third who goes at its own pace.
 * Ends with one `finished` event, or throws what the drafter threw, or the verifier when it gave up.
 */
export function decode(
  request: DecodeRequest & { readonly wantsDetails?: false | undefined },
  parts: DecodeParts,
  signal?: AbortSignal,
): AsyncGenerator<CommittedToken | DecodeFinished>;
/** With details, where they are asked for. */
export function decode(
  request: DecodeRequest,
  parts: DecodeParts,
  signal?: AbortSignal,
): AsyncGenerator<DecodeEvent>;
export async function* decode(
  request: DecodeRequest,
  parts: DecodeParts,
  signal?: AbortSignal,
): AsyncGenerator<DecodeEvent> {
  const run = new TextRun(request, parts, signal);
  try {
    run.start();
    for await (const event of run.events) {
      yield event;
      if (event.type === "token") run.read();
    }
  } finally {
    await run.end();
  }
}
