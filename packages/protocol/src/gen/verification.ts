import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Sampling as _adaedl_v1_Sampling, Sampling__Output as _adaedl_v1_Sampling__Output } from './adaedl/v1/Sampling.ts';
import type { Cancel as _adaedl_v2_Cancel, Cancel__Output as _adaedl_v2_Cancel__Output } from './adaedl/v2/Cancel.ts';
import type { Commit as _adaedl_v2_Commit, Commit__Output as _adaedl_v2_Commit__Output } from './adaedl/v2/Commit.ts';
import type { DescribeVerifierRequest as _adaedl_v2_DescribeVerifierRequest, DescribeVerifierRequest__Output as _adaedl_v2_DescribeVerifierRequest__Output } from './adaedl/v2/DescribeVerifierRequest.ts';
import type { Fence as _adaedl_v2_Fence, Fence__Output as _adaedl_v2_Fence__Output } from './adaedl/v2/Fence.ts';
import type { Finished as _adaedl_v2_Finished, Finished__Output as _adaedl_v2_Finished__Output } from './adaedl/v2/Finished.ts';
import type { GetTokenizerRequest as _adaedl_v2_GetTokenizerRequest, GetTokenizerRequest__Output as _adaedl_v2_GetTokenizerRequest__Output } from './adaedl/v2/GetTokenizerRequest.ts';
import type { GuessDistributions as _adaedl_v2_GuessDistributions, GuessDistributions__Output as _adaedl_v2_GuessDistributions__Output } from './adaedl/v2/GuessDistributions.ts';
import type { Offer as _adaedl_v2_Offer, Offer__Output as _adaedl_v2_Offer__Output } from './adaedl/v2/Offer.ts';
import type { Open as _adaedl_v2_Open, Open__Output as _adaedl_v2_Open__Output } from './adaedl/v2/Open.ts';
import type { Opened as _adaedl_v2_Opened, Opened__Output as _adaedl_v2_Opened__Output } from './adaedl/v2/Opened.ts';
import type { Progress as _adaedl_v2_Progress, Progress__Output as _adaedl_v2_Progress__Output } from './adaedl/v2/Progress.ts';
import type { ProtocolVersion as _adaedl_v2_ProtocolVersion, ProtocolVersion__Output as _adaedl_v2_ProtocolVersion__Output } from './adaedl/v2/ProtocolVersion.ts';
import type { TokenizerChunk as _adaedl_v2_TokenizerChunk, TokenizerChunk__Output as _adaedl_v2_TokenizerChunk__Output } from './adaedl/v2/TokenizerChunk.ts';
import type { TopLogprobs as _adaedl_v2_TopLogprobs, TopLogprobs__Output as _adaedl_v2_TopLogprobs__Output } from './adaedl/v2/TopLogprobs.ts';
import type { VerificationClient as _adaedl_v2_VerificationClient, VerificationDefinition as _adaedl_v2_VerificationDefinition } from './adaedl/v2/Verification.ts';
import type { VerifierDescription as _adaedl_v2_VerifierDescription, VerifierDescription__Output as _adaedl_v2_VerifierDescription__Output } from './adaedl/v2/VerifierDescription.ts';
import type { VerifierLimits as _adaedl_v2_VerifierLimits, VerifierLimits__Output as _adaedl_v2_VerifierLimits__Output } from './adaedl/v2/VerifierLimits.ts';
import type { VerifyRequest as _adaedl_v2_VerifyRequest, VerifyRequest__Output as _adaedl_v2_VerifyRequest__Output } from './adaedl/v2/VerifyRequest.ts';
import type { VerifyResponse as _adaedl_v2_VerifyResponse, VerifyResponse__Output as _adaedl_v2_VerifyResponse__Output } from './adaedl/v2/VerifyResponse.ts';
import type { Vocabulary as _adaedl_v2_Vocabulary, Vocabulary__Output as _adaedl_v2_Vocabulary__Output } from './adaedl/v2/Vocabulary.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  adaedl: {
    v1: {
      Sampling: MessageTypeDefinition<_adaedl_v1_Sampling, _adaedl_v1_Sampling__Output>
      VerificationRule: EnumTypeDefinition
    }
    v2: {
      Cancel: MessageTypeDefinition<_adaedl_v2_Cancel, _adaedl_v2_Cancel__Output>
      Commit: MessageTypeDefinition<_adaedl_v2_Commit, _adaedl_v2_Commit__Output>
      DescribeVerifierRequest: MessageTypeDefinition<_adaedl_v2_DescribeVerifierRequest, _adaedl_v2_DescribeVerifierRequest__Output>
      Fence: MessageTypeDefinition<_adaedl_v2_Fence, _adaedl_v2_Fence__Output>
      Finished: MessageTypeDefinition<_adaedl_v2_Finished, _adaedl_v2_Finished__Output>
      FinishedReason: EnumTypeDefinition
      GetTokenizerRequest: MessageTypeDefinition<_adaedl_v2_GetTokenizerRequest, _adaedl_v2_GetTokenizerRequest__Output>
      GuessDistributions: MessageTypeDefinition<_adaedl_v2_GuessDistributions, _adaedl_v2_GuessDistributions__Output>
      Offer: MessageTypeDefinition<_adaedl_v2_Offer, _adaedl_v2_Offer__Output>
      Open: MessageTypeDefinition<_adaedl_v2_Open, _adaedl_v2_Open__Output>
      Opened: MessageTypeDefinition<_adaedl_v2_Opened, _adaedl_v2_Opened__Output>
      Progress: MessageTypeDefinition<_adaedl_v2_Progress, _adaedl_v2_Progress__Output>
      ProtocolVersion: MessageTypeDefinition<_adaedl_v2_ProtocolVersion, _adaedl_v2_ProtocolVersion__Output>
      TokenizerChunk: MessageTypeDefinition<_adaedl_v2_TokenizerChunk, _adaedl_v2_TokenizerChunk__Output>
      TopLogprobs: MessageTypeDefinition<_adaedl_v2_TopLogprobs, _adaedl_v2_TopLogprobs__Output>
      Verification: SubtypeConstructor<typeof grpc.Client, _adaedl_v2_VerificationClient> & { service: _adaedl_v2_VerificationDefinition }
      VerifierDescription: MessageTypeDefinition<_adaedl_v2_VerifierDescription, _adaedl_v2_VerifierDescription__Output>
      VerifierLimits: MessageTypeDefinition<_adaedl_v2_VerifierLimits, _adaedl_v2_VerifierLimits__Output>
      VerifyRequest: MessageTypeDefinition<_adaedl_v2_VerifyRequest, _adaedl_v2_VerifyRequest__Output>
      VerifyResponse: MessageTypeDefinition<_adaedl_v2_VerifyResponse, _adaedl_v2_VerifyResponse__Output>
      Vocabulary: MessageTypeDefinition<_adaedl_v2_Vocabulary, _adaedl_v2_Vocabulary__Output>
    }
  }
}

