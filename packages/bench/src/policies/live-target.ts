import { AdaedlError, type TargetMessage } from "@adaedl/core";
import type { SlotSettings, TargetEngine } from "@adaedl/engine";
import type { OpenModels } from "./performance.ts";

/** Numbers the texts of this process. */
let numOpened = 0;

/** A text on a target that works only when it is asked to: one forward at a time. */
export interface LiveTarget extends AsyncDisposable {
  readonly judge: OpenModels["judge"];
  /** Resolves when what the text began with is computed. */
  opened(): Promise<void>;
}

/** @param tokenIds what the text begins with: computed before the first forward that is asked for */
export function openLiveTarget(
  target: TargetEngine,
  settings: SlotSettings,
  tokenIds: readonly number[],
  maxLength: number,
  signal: AbortSignal,
): LiveTarget {
  const session = target.open(
    {
      ...{ sessionId: `live-${numOpened++}`, client: "", settings, tokenIds, maxLength },
      ...{ credit: 0, endTokenIds: new Set<number>() },
    },
    signal,
  );
  const messages: AsyncIterator<TargetMessage> = session.messages[Symbol.asyncIterator]();
  let firstId = 1;

  async function next(): Promise<TargetMessage> {
    const { value: message, done } = await messages.next();
    if (done || message.type === "finished")
      throw new AdaedlError("internal", "the target ended its text early");
    return message;
  }

  return {
    async opened() {
      await next();
    },
    async judge(text, chain) {
      const nodes = chain.map((token, index) => ({
        ...token,
        parent: index === 0 ? 0 : firstId + index - 1,
      }));
      session.offer({ base: text.fence(), firstId, nodes, credit: text.length + 1 });
      firstId += nodes.length;
      let message = await next();
      while (message.type !== "commit") message = await next();
      const { tokenIds, numAccepted, successors } = message.commit;
      return { numAccepted, nextTokenId: tokenIds[numAccepted] as number, successors };
    },
    async [Symbol.asyncDispose]() {
      session.close();
    },
  };
}
