import { openGenerationClient } from "@adaedl/protocol";
import { expect } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import { expectShortWait, soakSeconds } from "./soak.ts";

/** Somebody who asks a draft service for the same text again and again. */
export interface OtherTexts {
  /** Asks while an attack goes on; every text has to come, and be the one that came without it. */
  whileAttacked(attack: string): Promise<void>;
}

/** Asks for the text once to know it, and once more to know how long it takes. */
async function otherTexts(address: string): Promise<OtherTexts> {
  const expected = (await writeText(address)).tokenIds;
  const alone = await writeText(address);
  return {
    async whileAttacked(attack) {
      const until = performance.now() + 1_000 * soakSeconds;
      let longestWaitMs = 0;
      for (let text = 0; text < 3 || performance.now() < until; text++) {
        const { tokenIds, waitMs } = await writeText(address);
        expect(tokenIds).toEqual(expected);
        longestWaitMs = Math.max(longestWaitMs, waitMs);
      }
      expectShortWait(attack, longestWaitMs - alone.waitMs);
    },
  };
}

/** @returns the text, and the longest time without a token of it */
async function writeText(address: string) {
  const client = openGenerationClient({ address });
  const prompt = { type: "text", text: "Once upon a time" } as const;
  const tokenIds: number[] = [];
  let waitMs = 0;
  try {
    let lastAt = performance.now();
    for await (const event of client.generate({
      prompt,
      policy: "stream",
      maxTokens: 24,
      seed: 5,
    })) {
      waitMs = Math.max(waitMs, performance.now() - lastAt);
      lastAt = performance.now();
      if (event.type === "token") tokenIds.push(event.tokenId);
    }
  } finally {
    client.close();
  }
  return { tokenIds, waitMs };
}

/** A verifier and a draft service in processes of their own, and somebody who uses them. */
export interface AttackedServices extends AsyncDisposable {
  readonly verifier: ServiceProcess;
  readonly draft: ServiceProcess;
  readonly others: OtherTexts;
}

export async function startAttackedServices(): Promise<AttackedServices> {
  const common = ["--listen", "127.0.0.1:0", "--threads", "1"];
  const verifier = await startServiceProcess(["verifier", ...common]);
  const { address } = verifier.ready;
  const draft = await startServiceProcess(["draft", ...common, "--verifier", address]);
  return {
    ...{ verifier, draft, others: await otherTexts(draft.ready.address) },
    async [Symbol.asyncDispose]() {
      await draft.kill();
      await verifier.kill();
    },
  };
}
