import type { TargetMessage, Text, TokenLogprob, Verifier, VerifierSession } from "@adaedl/core";
import type { GenerationParts } from "@adaedl/engine";
import { numTopTokens, type OnlineLearner } from "@adaedl/learning";

type OpenVerifier = GenerationParts["openVerifier"];

/** One request that a draft learns from: its verifier is asked for the target's most probable tokens at each place. */
export class SupervisedRequest {
  readonly #learner: OnlineLearner;
  /** By the index of the token in the text. */
  readonly #tops = new Map<number, readonly TokenLogprob[]>();
  #text: Text | undefined;

  constructor(learner: OnlineLearner) {
    this.#learner = learner;
    learner.requestBegan();
  }

  /** @param onPositions told how many positions came with predictions */
  supervise(openVerifier: OpenVerifier, onPositions: (count: number) => void): OpenVerifier {
    return (request, terms) => {
      const { wantsLogprobs = false, numTopLogprobs = 0 } = terms.settings;
      const verifier = openVerifier(request, {
        ...terms,
        settings: {
          ...terms.settings,
          wantsLogprobs: true,
          numTopLogprobs: Math.max(numTopLogprobs, numTopTokens),
        },
      });
      const asAsked = (message: TargetMessage) =>
        withLogprobs(message, wantsLogprobs, numTopLogprobs);
      return this.#recorded(verifier, asAsked, onPositions);
    };
  }

  #recorded(
    verifier: Verifier,
    asAsked: (message: TargetMessage) => TargetMessage,
    onPositions: (count: number) => void,
  ): Verifier {
    const record = (message: TargetMessage) => {
      if (message.type !== "commit") return;
      const { topLogprobs } = message.facts;
      topLogprobs.forEach((top, index) => {
        this.#tops.set(message.commit.position + index, top);
      });
      onPositions(topLogprobs.length);
    };
    async function* received({ messages }: VerifierSession) {
      for await (const message of messages) {
        record(message);
        yield asAsked(message);
      }
    }
    return {
      open: async (text, ...more) => {
        this.#text = text;
        const session = await verifier.open(text, ...more);
        return { ...session, messages: received(session) };
      },
    };
  }

  /** However the request ended: what is committed was judged. */
  end(): void {
    this.#learner.requestEnded(this.#text?.tokenIds, this.#tops);
  }
}

/** Log-probabilities as the client asked for them. */
function withLogprobs(
  message: TargetMessage,
  wantsLogprobs: boolean,
  numTopLogprobs: number,
): TargetMessage {
  if (message.type !== "commit") return message;
  const { logprobs, topLogprobs } = message.facts;
  const facts = {
    ...message.facts,
    logprobs: wantsLogprobs ? logprobs : [],
    topLogprobs: numTopLogprobs > 0 ? topLogprobs.map((top) => top.slice(0, numTopLogprobs)) : [],
  };
  return { ...message, facts };
}
