// Original file: ../../proto/adaedl/v2/verification.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DescribeVerifierRequest as _adaedl_v2_DescribeVerifierRequest, DescribeVerifierRequest__Output as _adaedl_v2_DescribeVerifierRequest__Output } from '../../adaedl/v2/DescribeVerifierRequest.ts';
import type { GetTokenizerRequest as _adaedl_v2_GetTokenizerRequest, GetTokenizerRequest__Output as _adaedl_v2_GetTokenizerRequest__Output } from '../../adaedl/v2/GetTokenizerRequest.ts';
import type { TokenizerChunk as _adaedl_v2_TokenizerChunk, TokenizerChunk__Output as _adaedl_v2_TokenizerChunk__Output } from '../../adaedl/v2/TokenizerChunk.ts';
import type { VerifierDescription as _adaedl_v2_VerifierDescription, VerifierDescription__Output as _adaedl_v2_VerifierDescription__Output } from '../../adaedl/v2/VerifierDescription.ts';
import type { VerifyRequest as _adaedl_v2_VerifyRequest, VerifyRequest__Output as _adaedl_v2_VerifyRequest__Output } from '../../adaedl/v2/VerifyRequest.ts';
import type { VerifyResponse as _adaedl_v2_VerifyResponse, VerifyResponse__Output as _adaedl_v2_VerifyResponse__Output } from '../../adaedl/v2/VerifyResponse.ts';

export interface VerificationClient extends grpc.Client {
  /**
   * What runs here.
   */
  Describe(argument: _adaedl_v2_DescribeVerifierRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _adaedl_v2_DescribeVerifierRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _adaedl_v2_DescribeVerifierRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  Describe(argument: _adaedl_v2_DescribeVerifierRequest, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  /**
   * What runs here.
   */
  describe(argument: _adaedl_v2_DescribeVerifierRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _adaedl_v2_DescribeVerifierRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _adaedl_v2_DescribeVerifierRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  describe(argument: _adaedl_v2_DescribeVerifierRequest, callback: grpc.requestCallback<_adaedl_v2_VerifierDescription__Output>): grpc.ClientUnaryCall;
  
  /**
   * The target's tokenizer files, for clients that have another tokenizer. The chunks, joined, are gzip
   * of at most 64 MiB: one line of JSON with the length of each file by its name ("tokenizer.json",
   * "tokenizer_config.json", "chat_template.jinja"), and the files in that order.
   * FAILED_PRECONDITION  the target has another tokenizer than the one asked for
   * UNAVAILABLE          it is not at hand yet: ask again
   */
  GetTokenizer(argument: _adaedl_v2_GetTokenizerRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v2_TokenizerChunk__Output>;
  GetTokenizer(argument: _adaedl_v2_GetTokenizerRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v2_TokenizerChunk__Output>;
  /**
   * The target's tokenizer files, for clients that have another tokenizer. The chunks, joined, are gzip
   * of at most 64 MiB: one line of JSON with the length of each file by its name ("tokenizer.json",
   * "tokenizer_config.json", "chat_template.jinja"), and the files in that order.
   * FAILED_PRECONDITION  the target has another tokenizer than the one asked for
   * UNAVAILABLE          it is not at hand yet: ask again
   */
  getTokenizer(argument: _adaedl_v2_GetTokenizerRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v2_TokenizerChunk__Output>;
  getTokenizer(argument: _adaedl_v2_GetTokenizerRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_adaedl_v2_TokenizerChunk__Output>;
  
  /**
   * One session. Up: Open, then Offers. Down: Opened, then a Commit for each target forward,
   * then Finished; before any of them Progress, as long as it takes.
   * 
   * A stream ends with a status that says how to go on:
   * NOT_FOUND            the session's cache was given to another: open again, with the text
   * ABORTED              an offer's base is not a prefix of the text: open again, with the text
   * UNAVAILABLE          the verifier drains or is gone: open elsewhere
   * RESOURCE_EXHAUSTED   over a limit: RetryInfo says when to try again
   * FAILED_PRECONDITION  the models do not fit each other, or another protocol version
   * DEADLINE_EXCEEDED    nothing was sent, or read, for too long
   * INVALID_ARGUMENT, OUT_OF_RANGE  the request is wrong, whoever serves it
   */
  Verify(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_adaedl_v2_VerifyRequest, _adaedl_v2_VerifyResponse__Output>;
  Verify(options?: grpc.CallOptions): grpc.ClientDuplexStream<_adaedl_v2_VerifyRequest, _adaedl_v2_VerifyResponse__Output>;
  /**
   * One session. Up: Open, then Offers. Down: Opened, then a Commit for each target forward,
   * then Finished; before any of them Progress, as long as it takes.
   * 
   * A stream ends with a status that says how to go on:
   * NOT_FOUND            the session's cache was given to another: open again, with the text
   * ABORTED              an offer's base is not a prefix of the text: open again, with the text
   * UNAVAILABLE          the verifier drains or is gone: open elsewhere
   * RESOURCE_EXHAUSTED   over a limit: RetryInfo says when to try again
   * FAILED_PRECONDITION  the models do not fit each other, or another protocol version
   * DEADLINE_EXCEEDED    nothing was sent, or read, for too long
   * INVALID_ARGUMENT, OUT_OF_RANGE  the request is wrong, whoever serves it
   */
  verify(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_adaedl_v2_VerifyRequest, _adaedl_v2_VerifyResponse__Output>;
  verify(options?: grpc.CallOptions): grpc.ClientDuplexStream<_adaedl_v2_VerifyRequest, _adaedl_v2_VerifyResponse__Output>;
  
}

export interface VerificationHandlers extends grpc.UntypedServiceImplementation {
  /**
   * What runs here.
   */
  Describe: grpc.handleUnaryCall<_adaedl_v2_DescribeVerifierRequest__Output, _adaedl_v2_VerifierDescription>;
  
  /**
   * The target's tokenizer files, for clients that have another tokenizer. The chunks, joined, are gzip
   * of at most 64 MiB: one line of JSON with the length of each file by its name ("tokenizer.json",
   * "tokenizer_config.json", "chat_template.jinja"), and the files in that order.
   * FAILED_PRECONDITION  the target has another tokenizer than the one asked for
   * UNAVAILABLE          it is not at hand yet: ask again
   */
  GetTokenizer: grpc.handleServerStreamingCall<_adaedl_v2_GetTokenizerRequest__Output, _adaedl_v2_TokenizerChunk>;
  
  /**
   * One session. Up: Open, then Offers. Down: Opened, then a Commit for each target forward,
   * then Finished; before any of them Progress, as long as it takes.
   * 
   * A stream ends with a status that says how to go on:
   * NOT_FOUND            the session's cache was given to another: open again, with the text
   * ABORTED              an offer's base is not a prefix of the text: open again, with the text
   * UNAVAILABLE          the verifier drains or is gone: open elsewhere
   * RESOURCE_EXHAUSTED   over a limit: RetryInfo says when to try again
   * FAILED_PRECONDITION  the models do not fit each other, or another protocol version
   * DEADLINE_EXCEEDED    nothing was sent, or read, for too long
   * INVALID_ARGUMENT, OUT_OF_RANGE  the request is wrong, whoever serves it
   */
  Verify: grpc.handleBidiStreamingCall<_adaedl_v2_VerifyRequest__Output, _adaedl_v2_VerifyResponse>;
  
}

export interface VerificationDefinition extends grpc.ServiceDefinition {
  Describe: MethodDefinition<_adaedl_v2_DescribeVerifierRequest, _adaedl_v2_VerifierDescription, _adaedl_v2_DescribeVerifierRequest__Output, _adaedl_v2_VerifierDescription__Output>
  GetTokenizer: MethodDefinition<_adaedl_v2_GetTokenizerRequest, _adaedl_v2_TokenizerChunk, _adaedl_v2_GetTokenizerRequest__Output, _adaedl_v2_TokenizerChunk__Output>
  Verify: MethodDefinition<_adaedl_v2_VerifyRequest, _adaedl_v2_VerifyResponse, _adaedl_v2_VerifyRequest__Output, _adaedl_v2_VerifyResponse__Output>
}
