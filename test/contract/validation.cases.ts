import { AdaedlError, type DraftToken, Text } from "@adaedl/core";
import {
  type EndOfDraft,
  type Open,
  openVerificationClient,
  receiveAnswer,
  type VerdictMessage,
  type VerifyRequest,
  type VerifyResponse,
} from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { expect } from "vitest";

export const prompt = [17, 300, 45, 6, 2001];

/** An Open that the verifier takes, but for the changes. */
export function openOf({ description }: RunningVerifier, changes: Partial<Open> = {}): Open {
  const { protocolVersion, vocabulary } = description;
  return {
    type: "open",
    sessionId: "test",
    protocolVersion,
    vocabulary,
    promptTokenIds: prompt,
    committedTokenIds: [],
    sampling: {},
    seed: 7,
    verification: "shared-noise",
    maxTokens: 400,
    wantsLogprobs: false,
    numTopLogprobs: 0,
    nextRound: 0,
    modelId: "",
    ...changes,
  };
}

export function endOf(
  round: number,
  sequence: readonly number[],
  changes: Partial<EndOfDraft> = {},
): EndOfDraft {
  const { length: committedLength, hash: committedHash } = new Text(sequence).fence();
  return {
    type: "endOfDraft",
    round,
    committedLength,
    committedHash,
    numPlainTokens: 0,
    ...changes,
  };
}

export function guessOf(
  position: number,
  tokenId: number,
  changes: Partial<DraftToken> = {},
  round = 0,
): VerifyRequest {
  return { type: "draftToken", round, token: { tokenId, position, entropy: 1, ...changes } };
}

/** A session that is spoken to by hand. */
export interface Talk extends Disposable {
  send(...messages: readonly VerifyRequest[]): Promise<void>;
  /** @throws AdaedlError what the stream ended with */
  next(): Promise<VerifyResponse | undefined>;
  /** The next message, which has to be of that type. */
  expect<Type extends VerifyResponse["type"]>(
    type: Type,
  ): Promise<Extract<VerifyResponse, { type: Type }>>;
}

export function talkTo({ address }: { readonly address: string }): Talk {
  const client = openVerificationClient({ address });
  const stream = client.openStream();
  const signal = AbortSignal.timeout(50_000); // nothing here takes so long, on a busy machine either
  const next = () => receiveAnswer(stream, signal);
  return {
    async send(...messages) {
      for (const message of messages) await stream.send(message, signal).catch(() => {}); // `next` tells why
    },
    next,
    async expect(type) {
      const message = await next();
      expect(message?.type).toBe(type);
      return message as never;
    },
    [Symbol.dispose]() {
      stream.close();
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
  await talk.send(...messages);
  const received: string[] = [];
  try {
    for (let message = await talk.next(); message !== undefined; message = await talk.next())
      received.push(message.type);
  } catch (error) {
    return AdaedlError.from(error);
  }
  throw new Error(`nothing was refused; got ${received.join()}`);
}

/** Decodes so many tokens plainly. */
export async function writePlainly(verifier: RunningVerifier, numTokens: number) {
  using talk = talkTo(verifier);
  await talk.send(openOf(verifier), endOf(0, prompt, { numPlainTokens: numTokens - 1 }));
  await talk.expect("opened");
  const tokenIds: number[] = [];
  while (tokenIds.length < numTokens) tokenIds.push((await talk.expect("verdict")).nextTokenId);
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
  await talk.send(openOf(verifier, { sessionId: "other" }));
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
    await talk.send(guessOf(sequence.length, next, {}, round)); // right
    await talk.send(guessOf(sequence.length + 1, 0, {}, round)); // wrong: the text has no end in it
    await talk.send(endOf(round, sequence));
    const verdict: VerdictMessage = await talk.expect("verdict");
    expect(verdict.numAccepted).toBe(1);
    sequence.push(next, verdict.nextTokenId);
    if (isOver) roundsLeft--;
  }
  expect(sequence.slice(prompt.length)).toEqual(text.slice(0, sequence.length - prompt.length));
  return await result;
}

/** A verifier at which nothing is left of anything. */
export const idle = { numSessions: 0, numSlots: 0, numQueued: 0, cacheBytesUsed: 0 };
