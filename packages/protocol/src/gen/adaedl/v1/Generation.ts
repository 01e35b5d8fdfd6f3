// Original file: ../../proto/adaedl/v1/generation.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DescribeDraftServiceRequest as _adaedl_v1_DescribeDraftServiceRequest, DescribeDraftServiceRequest__Output as _adaedl_v1_DescribeDraftServiceRequest__Output } from '../../adaedl/v1/DescribeDraftServiceRequest.ts';
import type { DraftServiceDescription as _adaedl_v1_DraftServiceDescription, DraftServiceDescription__Output as _adaedl_v1_DraftServiceDescription__Output } from '../../adaedl/v1/DraftServiceDescription.ts';
import type { GenerateRequest as _adaedl_v1_GenerateRequest, GenerateRequest__Output as _adaedl_v1_GenerateRequest__Output } from '../../adaedl/v1/GenerateRequest.ts';
import type { GenerateResponse as _adaedl_v1_GenerateResponse, GenerateResponse__Output as _adaedl_v1_GenerateResponse__Output } from '../../adaedl/v1/GenerateResponse.ts';

export interface GenerationClient extends grpc.Client {
  /**
   * What runs here.
   */
  Describe(argument: _adaedl_v1_DescribeDraftServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _adaedl_v1_DescribeDraftServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _adaedl_v1_DescribeDraftServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _adaedl_v1_DescribeDraftServiceRequest, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  /**
   * What runs here.
   */
  describe(argument: _adaedl_v1_DescribeDraftServiceRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _adaedl_v1_DescribeDraftServiceRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _adaedl_v1_DescribeDraftServiceRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _adaedl_v1_DescribeDraftServiceRequest, callback: grpc.requestCallback<_adaedl_v1_DraftServiceDescription__Output>): grpc.ClientUnaryCall;
  
  /**
   * Continues a prompt. Started, then a Token for each output token, then Finished; where details are
   * asked for, a CommitReport before the tokens of each commit, and a Frontier whenever it moves.
   * 
   * INVALID_ARGUMENT and OUT_OF_RANGE name the field, its value and the rule in BadRequest.
   * Cancelling the call ends the work.
   */
  Generate(argument: _adaedl_v1_GenerateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v1_GenerateResponse__Output>;
  Generate(argument: _adaedl_v1_GenerateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v1_GenerateResponse__Output>;
  /**
   * Continues a prompt. Started, then a Token for each output token, then Finished; where details are
   * asked for, a CommitReport before the tokens of each commit, and a Frontier whenever it moves.
   * 
   * INVALID_ARGUMENT and OUT_OF_RANGE name the field, its value and the rule in BadRequest.
   * Cancelling the call ends the work.
   */
  generate(argument: _adaedl_v1_GenerateRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v1_GenerateResponse__Output>;
  generate(argument: _adaedl_v1_GenerateRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v1_GenerateResponse__Output>;
  
}

export interface GenerationHandlers extends grpc.UntypedServiceImplementation {
  /**
   * What runs here.
   */
  Describe: grpc.handleUnaryCall<_adaedl_v1_DescribeDraftServiceRequest__Output, _adaedl_v1_DraftServiceDescription>;
  
  /**
   * Continues a prompt. Started, then a Token for each output token, then Finished; where details are
   * asked for, a CommitReport before the tokens of each commit, and a Frontier whenever it moves.
   * 
   * INVALID_ARGUMENT and OUT_OF_RANGE name the field, its value and the rule in BadRequest.
   * Cancelling the call ends the work.
   */
  Generate: grpc.handleServerStreamingCall<_adaedl_v1_GenerateRequest__Output, _adaedl_v1_GenerateResponse>;
  
}

export interface GenerationDefinition extends grpc.ServiceDefinition {
  Describe: MethodDefinition<_adaedl_v1_DescribeDraftServiceRequest, _adaedl_v1_DraftServiceDescription, _adaedl_v1_DescribeDraftServiceRequest__Output, _adaedl_v1_DraftServiceDescription__Output>
  Generate: MethodDefinition<_adaedl_v1_GenerateRequest, _adaedl_v1_GenerateResponse, _adaedl_v1_GenerateRequest__Output, _adaedl_v1_GenerateResponse__Output>
}
