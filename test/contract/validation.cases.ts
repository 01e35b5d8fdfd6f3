import { AdaedlError, type Offer, type OfferedNode, Text } from "@adaedl/core";
import {
  type Open,
  openVerificationClient,
  type VerificationStream,
  type VerifyRequest,
  type VerifyResponse,
} from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { expect } from "vitest";

export const prompt = [17, 300, 45, 6, 2001];
const maxTokens = 400;

/** An Open that the verifier takes, but for the changes; with credit for all of the text. */
export function openOf({ description }: RunningVerifier, changes: Partial<Open> = {}): Open {
  const { protocolVersion, vocabulary } = description;
  return {
    type: "open",
    sessionId: "test",
    protocolVersion,
    vocabulary,
    promptTokenIds: prompt,
    committedTokenIds: [],
    endTokenIds: [],
    credit: prompt.length + maxTokens,
    sampling: {},
    seed: 7,
    verification: "shared-noise",
    maxTokens,
    wantsLogprobs: false,
    numTopLogprobs: 0,
    modelId: "",
    edgeDraftsOnly: true,
    weights: "",
    numerics: "",
    numSuccessors: 0,
    ...changes,
  };
}

/** Credit that an Open has for a text that goes in rounds. */
export const noCredit = { credit: prompt.length };

/** Draft tokens that follow a text one after the other, and credit for one forward. */
export function offerOf(
  text: readonly number[],
  tokenIds: readonly number[],
  changes: Partial<Offer> = {},
  nodeChanges: Partial<OfferedNode> = {},
): VerifyRequest {
  const { firstId = 1 } = changes;
  const nodes = tokenIds.map((tokenId, index) => ({
    parent: index === 0 ? 0 : firstId + index - 1,
    tokenId,
    chance: 1,
    ...nodeChanges,
  }));
  const base = new Text(text).fence();
  const offer = { base, firstId, nodes, credit: text.length + 1, ...changes };
  return { type: "offer", offer };
}

/** A session that is spoken to by hand. */
export interface Talk extends Disposable {
  /** The first message opens the stream. */
  send(...messages: readonly VerifyRequest[]): void;
  /** The next message that is not Progress. @throws AdaedlError what the stream ended with */
  next(): Promise<VerifyResponse | undefined>;
  /** The next message, which has to be of that type. */
  expect<Type extends VerifyResponse["type"]>(
    type: Type,
  ): Promise<Extract<VerifyResponse, { type: Type }>>;
  /** The tokens of commits, until there are so many or the text is finished. */
  tokens(numTokens: number): Promise<number[]>;
}

export function talkTo({ address }: { readonly address: string }): Talk {
  const client = openVerificationClient({ address });
  let stream: VerificationStream | undefined;
  const signal = AbortSignal.timeout(50_000); // nothing here takes so long
  async function next(): Promise<VerifyResponse | undefined> {
    let message = await stream?.receive(signal);
    while (message?.type === "progress") message = await stream?.receive(signal);
    return message;
  }
  return {
    send(...messages) {
      for (const message of messages) {
        if (stream !== undefined)
          stream.send(message as never); // a second Open among them
        else if (message.type === "open") stream = client.openStream(message);
      }
    },
    next,
    async expect(type) {
      const message = await next();
      expect(message?.type).toBe(type);
      return message as never;
    },
    async tokens(numTokens) {
      const tokenIds: number[] = [];
      while (tokenIds.length < numTokens) {
        const message = await next();
        if (message?.type !== "commit")
          throw new Error(`a commit was expected, got ${message?.type}`);
        tokenIds.push(...message.commit.tokenIds);
      }
      return tokenIds;
    },
    [Symbol.dispose]() {
      stream?.close();
      client.close();
    },
  };
}

/** What the verifier ends a session with that is sent all this. */
export async function refusalOf(
  verifier: RunningVerifier,
  ...messages: readonly VerifyRequest[]
): Promise<AdaedlError> {
  using talk = talkTo(verifier);
  talk.send(...messages);
  const received: string[] = [];
  try {
    for (let message = await talk.next(); message !== undefined; message = await talk.next())
      received.push(message.type);
  } catch (error) {
    return AdaedlError.from(error);
  }
  throw new Error(`nothing was refused; got ${received.join()}`);
}

/** The text without drafts. */
export async function writePlainly(verifier: RunningVerifier, numTokens: number) {
  using talk = talkTo(verifier);
  talk.send(openOf(verifier, { maxTokens: numTokens }));
  await talk.expect("opened");
  const tokenIds = await talk.tokens(numTokens);
  await talk.expect("finished");
  return tokenIds;
}

/**
 * Does something while another session of the verifier is at work, and checks that this one gets the
 * text it would have got anyway, all the time and for some rounds more.
 * @param text what `writePlainly` gave
 */
export async function besideOther<T>(
  verifier: RunningVerifier,
  text: readonly number[],
  part: () => Promise<T>,
): Promise<T> {
  using talk = talkTo(verifier);
  talk.send(openOf(verifier, { sessionId: "other", ...noCredit }));
  await talk.expect("opened");
  let isOver = false;
  let roundsLeft = 3;
  const result = part().finally(() => {
    isOver = true;
  });
  result.catch(() => {}); // it is awaited below
  const sequence = [...prompt];
  const lastStart = prompt.length + text.length - 3;
  for (let round = 0; roundsLeft > 0 && sequence.length <= lastStart; round++) {
    const next = text[sequence.length - prompt.length] as number;
    // The first one is right, the second one wrong: the text has no end in it.
    talk.send(offerOf(sequence, [next, 0], { firstId: 1 + 2 * round }));
    const { commit } = await talk.expect("commit");
    expect(commit).toMatchObject({ position: sequence.length, numJudged: 2, numAccepted: 1 });
    sequence.push(...commit.tokenIds);
    if (isOver) roundsLeft--;
  }
  expect(sequence.slice(prompt.length)).toEqual(text.slice(0, sequence.length - prompt.length));
  return await result;
}

/** A verifier at which nothing is left of anything. */
export const idle = { numSessions: 0, numSlots: 0, cacheBytesUsed: 0 };
