import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Chat as _adaedl_v1_Chat, Chat__Output as _adaedl_v1_Chat__Output } from './adaedl/v1/Chat.ts';
import type { ChatMessage as _adaedl_v1_ChatMessage, ChatMessage__Output as _adaedl_v1_ChatMessage__Output } from './adaedl/v1/ChatMessage.ts';
import type { CommitReport as _adaedl_v1_CommitReport, CommitReport__Output as _adaedl_v1_CommitReport__Output } from './adaedl/v1/CommitReport.ts';
import type { DescribeDraftServiceRequest as _adaedl_v1_DescribeDraftServiceRequest, DescribeDraftServiceRequest__Output as _adaedl_v1_DescribeDraftServiceRequest__Output } from './adaedl/v1/DescribeDraftServiceRequest.ts';
import type { DraftServiceDescription as _adaedl_v1_DraftServiceDescription, DraftServiceDescription__Output as _adaedl_v1_DraftServiceDescription__Output } from './adaedl/v1/DraftServiceDescription.ts';
import type { DraftToken as _adaedl_v1_DraftToken, DraftToken__Output as _adaedl_v1_DraftToken__Output } from './adaedl/v1/DraftToken.ts';
import type { Frontier as _adaedl_v1_Frontier, Frontier__Output as _adaedl_v1_Frontier__Output } from './adaedl/v1/Frontier.ts';
import type { FrontierPlace as _adaedl_v1_FrontierPlace, FrontierPlace__Output as _adaedl_v1_FrontierPlace__Output } from './adaedl/v1/FrontierPlace.ts';
import type { FrontierToken as _adaedl_v1_FrontierToken, FrontierToken__Output as _adaedl_v1_FrontierToken__Output } from './adaedl/v1/FrontierToken.ts';
import type { GenerateRequest as _adaedl_v1_GenerateRequest, GenerateRequest__Output as _adaedl_v1_GenerateRequest__Output } from './adaedl/v1/GenerateRequest.ts';
import type { GenerateResponse as _adaedl_v1_GenerateResponse, GenerateResponse__Output as _adaedl_v1_GenerateResponse__Output } from './adaedl/v1/GenerateResponse.ts';
import type { GenerationClient as _adaedl_v1_GenerationClient, GenerationDefinition as _adaedl_v1_GenerationDefinition } from './adaedl/v1/Generation.ts';
import type { GenerationFinished as _adaedl_v1_GenerationFinished, GenerationFinished__Output as _adaedl_v1_GenerationFinished__Output } from './adaedl/v1/GenerationFinished.ts';
import type { Sampling as _adaedl_v1_Sampling, Sampling__Output as _adaedl_v1_Sampling__Output } from './adaedl/v1/Sampling.ts';
import type { SpeculationStatistics as _adaedl_v1_SpeculationStatistics, SpeculationStatistics__Output as _adaedl_v1_SpeculationStatistics__Output } from './adaedl/v1/SpeculationStatistics.ts';
import type { Started as _adaedl_v1_Started, Started__Output as _adaedl_v1_Started__Output } from './adaedl/v1/Started.ts';
import type { Token as _adaedl_v1_Token, Token__Output as _adaedl_v1_Token__Output } from './adaedl/v1/Token.ts';
import type { TokenIds as _adaedl_v1_TokenIds, TokenIds__Output as _adaedl_v1_TokenIds__Output } from './adaedl/v1/TokenIds.ts';
import type { TokenLogprob as _adaedl_v1_TokenLogprob, TokenLogprob__Output as _adaedl_v1_TokenLogprob__Output } from './adaedl/v1/TokenLogprob.ts';
import type { Usage as _adaedl_v1_Usage, Usage__Output as _adaedl_v1_Usage__Output } from './adaedl/v1/Usage.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  adaedl: {
    v1: {
      Chat: MessageTypeDefinition<_adaedl_v1_Chat, _adaedl_v1_Chat__Output>
      ChatMessage: MessageTypeDefinition<_adaedl_v1_ChatMessage, _adaedl_v1_ChatMessage__Output>
      CommitReport: MessageTypeDefinition<_adaedl_v1_CommitReport, _adaedl_v1_CommitReport__Output>
      DescribeDraftServiceRequest: MessageTypeDefinition<_adaedl_v1_DescribeDraftServiceRequest, _adaedl_v1_DescribeDraftServiceRequest__Output>
      DraftServiceDescription: MessageTypeDefinition<_adaedl_v1_DraftServiceDescription, _adaedl_v1_DraftServiceDescription__Output>
      DraftToken: MessageTypeDefinition<_adaedl_v1_DraftToken, _adaedl_v1_DraftToken__Output>
      EndReason: EnumTypeDefinition
      FinishReason: EnumTypeDefinition
      Frontier: MessageTypeDefinition<_adaedl_v1_Frontier, _adaedl_v1_Frontier__Output>
      FrontierPlace: MessageTypeDefinition<_adaedl_v1_FrontierPlace, _adaedl_v1_FrontierPlace__Output>
      FrontierToken: MessageTypeDefinition<_adaedl_v1_FrontierToken, _adaedl_v1_FrontierToken__Output>
      GenerateRequest: MessageTypeDefinition<_adaedl_v1_GenerateRequest, _adaedl_v1_GenerateRequest__Output>
      GenerateResponse: MessageTypeDefinition<_adaedl_v1_GenerateResponse, _adaedl_v1_GenerateResponse__Output>
      Generation: SubtypeConstructor<typeof grpc.Client, _adaedl_v1_GenerationClient> & { service: _adaedl_v1_GenerationDefinition }
      GenerationFinished: MessageTypeDefinition<_adaedl_v1_GenerationFinished, _adaedl_v1_GenerationFinished__Output>
      Sampling: MessageTypeDefinition<_adaedl_v1_Sampling, _adaedl_v1_Sampling__Output>
      SpeculationStatistics: MessageTypeDefinition<_adaedl_v1_SpeculationStatistics, _adaedl_v1_SpeculationStatistics__Output>
      Started: MessageTypeDefinition<_adaedl_v1_Started, _adaedl_v1_Started__Output>
      Token: MessageTypeDefinition<_adaedl_v1_Token, _adaedl_v1_Token__Output>
      TokenIds: MessageTypeDefinition<_adaedl_v1_TokenIds, _adaedl_v1_TokenIds__Output>
      TokenLogprob: MessageTypeDefinition<_adaedl_v1_TokenLogprob, _adaedl_v1_TokenLogprob__Output>
      TokenOrigin: EnumTypeDefinition
      Usage: MessageTypeDefinition<_adaedl_v1_Usage, _adaedl_v1_Usage__Output>
      VerificationRule: EnumTypeDefinition
    }
  }
}

