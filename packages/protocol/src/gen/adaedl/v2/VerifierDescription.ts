// Original file: ../../proto/adaedl/v2/verification.proto

import type { ProtocolVersion as _adaedl_v2_ProtocolVersion, ProtocolVersion__Output as _adaedl_v2_ProtocolVersion__Output } from '../../adaedl/v2/ProtocolVersion.ts';
import type { Vocabulary as _adaedl_v2_Vocabulary, Vocabulary__Output as _adaedl_v2_Vocabulary__Output } from '../../adaedl/v2/Vocabulary.ts';
import type { Sampling as _adaedl_v1_Sampling, Sampling__Output as _adaedl_v1_Sampling__Output } from '../../adaedl/v1/Sampling.ts';
import type { VerifierLimits as _adaedl_v2_VerifierLimits, VerifierLimits__Output as _adaedl_v2_VerifierLimits__Output } from '../../adaedl/v2/VerifierLimits.ts';

export interface VerifierDescription {
  /**
   * Name of the target model.
   */
  'modelId'?: (string);
  /**
   * What the verifier speaks.
   */
  'protocolVersion'?: (_adaedl_v2_ProtocolVersion | null);
  /**
   * What its token ids mean.
   */
  'vocabulary'?: (_adaedl_v2_Vocabulary | null);
  /**
   * Rows of the model's logits: token ids are below this.
   */
  'numTokenIds'?: (number);
  /**
   * Longest prompt + output in tokens: what the model and the verifier's memory have room for.
   */
  'contextLength'?: (number);
  /**
   * Tokens that end an output.
   */
  'eosTokenIds'?: (number)[];
  /**
   * What the model's makers suggest.
   */
  'defaultSampling'?: (_adaedl_v1_Sampling | null);
  /**
   * How much of what it takes.
   */
  'limits'?: (_adaedl_v2_VerifierLimits | null);
  /**
   * Numbers in the weights of the model; 0: not known, as for an exported graph.
   */
  'numParameters'?: (number | string);
  /**
   * SHA-256, hex, of each part of the tokenizer by its name, so that a difference can be named:
   * vocabulary, added_tokens, model, normalizer, pre_tokenizer, post_processor, decoder,
   * special_tokens, chat_template.
   */
  'tokenizerParts'?: ({[key: string]: string});
  /**
   * Emulated model time, FORWARD or FORWARD+ROW in milliseconds, such as 30+1: a forward of n rows takes
   * at least FORWARD + ROW * (n - 1). Empty: the time that it really takes.
   */
  'emulatedForwardMs'?: (string);
  /**
   * Precision of the target's weights: f32, int8 or int4, or exported for a graph that came with the model.
   * The same model in another precision writes other texts.
   */
  'weights'?: (string);
  /**
   * Fingerprint of the target's arithmetic: hexadecimal digits, the digest of its logits for a fixed probe. Where
   * it is equal, the same seed has the same text. Another kind of CPU, other weights or another
   * version of the runtime have another one. Behind an ingress: that of the worker it found first.
   */
  'numerics'?: (string);
  /**
   * Whether sessions that name other numerics are refused.
   */
  'requiresSameNumerics'?: (boolean);
}

export interface VerifierDescription__Output {
  /**
   * Name of the target model.
   */
  'modelId': (string);
  /**
   * What the verifier speaks.
   */
  'protocolVersion': (_adaedl_v2_ProtocolVersion__Output | null);
  /**
   * What its token ids mean.
   */
  'vocabulary': (_adaedl_v2_Vocabulary__Output | null);
  /**
   * Rows of the model's logits: token ids are below this.
   */
  'numTokenIds': (number);
  /**
   * Longest prompt + output in tokens: what the model and the verifier's memory have room for.
   */
  'contextLength': (number);
  /**
   * Tokens that end an output.
   */
  'eosTokenIds': (number)[];
  /**
   * What the model's makers suggest.
   */
  'defaultSampling': (_adaedl_v1_Sampling__Output | null);
  /**
   * How much of what it takes.
   */
  'limits': (_adaedl_v2_VerifierLimits__Output | null);
  /**
   * Numbers in the weights of the model; 0: not known, as for an exported graph.
   */
  'numParameters': (number);
  /**
   * SHA-256, hex, of each part of the tokenizer by its name, so that a difference can be named:
   * vocabulary, added_tokens, model, normalizer, pre_tokenizer, post_processor, decoder,
   * special_tokens, chat_template.
   */
  'tokenizerParts': ({[key: string]: string});
  /**
   * Emulated model time, FORWARD or FORWARD+ROW in milliseconds, such as 30+1: a forward of n rows takes
   * at least FORWARD + ROW * (n - 1). Empty: the time that it really takes.
   */
  'emulatedForwardMs': (string);
  /**
   * Precision of the target's weights: f32, int8 or int4, or exported for a graph that came with the model.
   * The same model in another precision writes other texts.
   */
  'weights': (string);
  /**
   * Fingerprint of the target's arithmetic: hexadecimal digits, the digest of its logits for a fixed probe. Where
   * it is equal, the same seed has the same text. Another kind of CPU, other weights or another
   * version of the runtime have another one. Behind an ingress: that of the worker it found first.
   */
  'numerics': (string);
  /**
   * Whether sessions that name other numerics are refused.
   */
  'requiresSameNumerics': (boolean);
}
