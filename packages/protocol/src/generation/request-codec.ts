import { invalidField } from "@adaedl/core";
import type {
  GenerateRequest as WireRequest,
  GenerateRequest__Output as WireRequestOutput,
} from "../gen/adaedl/v1/GenerateRequest.ts";
import {
  decodeSampling,
  decodeSeed,
  decodeVerificationRule,
  encodeSampling,
  encodeVerificationRule,
} from "../wire-fields.ts";
import type { GenerateRequest, Prompt } from "./messages.ts";

export function encodeGenerateRequest(request: GenerateRequest): WireRequest {
  const { prompt, stop, sampling, verification, ...fields } = request;
  const wire = {
    ...encodePrompt(prompt),
    ...fields,
    stop: [...(stop ?? [])],
    sampling: sampling && encodeSampling(sampling),
    verificationRule: verification && encodeVerificationRule(verification),
  };
  // What is undefined is absent on the wire, and has its default there.
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined));
}

/** @throws AdaedlError `invalid_argument` naming the field as generation.proto does */
export function decodeGenerateRequest(wire: WireRequestOutput): GenerateRequest {
  return {
    prompt: decodePrompt(wire),
    maxTokens: wire.maxTokens,
    sampling: decodeSampling(wire.sampling),
    seed: wire.seed === undefined ? undefined : decodeSeed(wire.seed),
    stop: wire.stop,
    ignoreEos: wire.ignoreEos,
    policy: wire.policy,
    maxDraft: wire.maxDraft,
    verification: decodeVerificationRule(wire.verificationRule),
    wantsLogprobs: wire.wantsLogprobs,
    numTopLogprobs: wire.numTopLogprobs,
    wantsDetails: wire.wantsDetails,
    untilContextEnds: wire.untilContextEnds,
    wantsPrompt: wire.wantsPrompt,
  };
}

function encodePrompt(prompt: Prompt): WireRequest {
  switch (prompt.type) {
    case "text":
      return { text: prompt.text };
    case "tokenIds":
      return { tokenIds: { ids: [...prompt.tokenIds] } };
    case "chat":
      return { chat: { messages: prompt.messages.map((message) => ({ ...message })) } };
  }
}

function decodePrompt(wire: WireRequestOutput): Prompt {
  switch (wire.prompt) {
    case "text":
      return { type: "text", text: wire.text ?? "" };
    case "tokenIds":
      return { type: "tokenIds", tokenIds: wire.tokenIds?.ids ?? [] };
    case "chat": {
      const messages = wire.chat?.messages ?? [];
      if (messages.length === 0)
        throw invalidField("chat.messages", "none", "must hold at least one message");
      return { type: "chat", messages };
    }
    default:
      throw invalidField("prompt", undefined, "must be text, token_ids or chat");
  }
}
