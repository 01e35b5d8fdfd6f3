export const definitions = {
 "nested": {
  "adaedl": {
   "nested": {
    "v2": {
     "nested": {
      "Verification": {
       "methods": {
        "Verify": {
         "requestType": "VerifyRequest",
         "requestStream": true,
         "responseType": "VerifyResponse",
         "responseStream": true
        },
        "Describe": {
         "requestType": "DescribeVerifierRequest",
         "responseType": "VerifierDescription"
        },
        "GetTokenizer": {
         "requestType": "GetTokenizerRequest",
         "responseType": "TokenizerChunk",
         "responseStream": true
        }
       }
      },
      "VerifyRequest": {
       "oneofs": {
        "message": {
         "oneof": [
          "open",
          "offer",
          "cancel"
         ]
        }
       },
       "fields": {
        "open": {
         "type": "Open",
         "id": 1
        },
        "offer": {
         "type": "Offer",
         "id": 2
        },
        "cancel": {
         "type": "Cancel",
         "id": 3
        }
       }
      },
      "VerifyResponse": {
       "oneofs": {
        "message": {
         "oneof": [
          "opened",
          "commit",
          "finished",
          "progress"
         ]
        }
       },
       "fields": {
        "opened": {
         "type": "Opened",
         "id": 1
        },
        "commit": {
         "type": "Commit",
         "id": 2
        },
        "finished": {
         "type": "Finished",
         "id": 3
        },
        "progress": {
         "type": "Progress",
         "id": 4
        }
       }
      },
      "Progress": {
       "fields": {}
      },
      "Open": {
       "fields": {
        "sessionId": {
         "type": "string",
         "id": 1
        },
        "protocolVersion": {
         "type": "ProtocolVersion",
         "id": 2
        },
        "vocabulary": {
         "type": "Vocabulary",
         "id": 3
        },
        "promptTokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 4
        },
        "committedTokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 5
        },
        "sampling": {
         "type": "adaedl.v1.Sampling",
         "id": 6
        },
        "seed": {
         "type": "uint64",
         "id": 7
        },
        "verificationRule": {
         "type": "adaedl.v1.VerificationRule",
         "id": 8
        },
        "maxTokens": {
         "type": "uint32",
         "id": 9
        },
        "endTokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 10
        },
        "credit": {
         "type": "uint32",
         "id": 11
        },
        "wantsLogprobs": {
         "type": "bool",
         "id": 12
        },
        "numTopLogprobs": {
         "type": "uint32",
         "id": 13
        },
        "modelId": {
         "type": "string",
         "id": 14
        },
        "edgeDraftsOnly": {
         "type": "bool",
         "id": 15
        },
        "numSuccessors": {
         "type": "uint32",
         "id": 16
        },
        "weights": {
         "type": "string",
         "id": 17
        },
        "numerics": {
         "type": "string",
         "id": 18
        }
       }
      },
      "ProtocolVersion": {
       "fields": {
        "major": {
         "type": "uint32",
         "id": 1
        },
        "minor": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "Vocabulary": {
       "fields": {
        "size": {
         "type": "uint32",
         "id": 1
        },
        "digest": {
         "type": "string",
         "id": 2
        },
        "tokenizerDigest": {
         "type": "string",
         "id": 3
        }
       }
      },
      "Fence": {
       "fields": {
        "length": {
         "type": "uint32",
         "id": 1
        },
        "hash": {
         "type": "fixed64",
         "id": 2
        }
       }
      },
      "Offer": {
       "fields": {
        "base": {
         "type": "Fence",
         "id": 1
        },
        "firstId": {
         "type": "uint32",
         "id": 2
        },
        "parentOffsets": {
         "rule": "repeated",
         "type": "uint32",
         "id": 3
        },
        "tokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 4
        },
        "chances": {
         "type": "bytes",
         "id": 5
        },
        "distributions": {
         "type": "GuessDistributions",
         "id": 6
        },
        "credit": {
         "type": "uint32",
         "id": 7
        }
       }
      },
      "GuessDistributions": {
       "fields": {
        "sizes": {
         "rule": "repeated",
         "type": "uint32",
         "id": 1
        },
        "tokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 2
        },
        "weights": {
         "rule": "repeated",
         "type": "float",
         "id": 3
        }
       }
      },
      "Cancel": {
       "fields": {}
      },
      "Opened": {
       "fields": {
        "queueMs": {
         "type": "float",
         "id": 1
        },
        "verifyMs": {
         "type": "float",
         "id": 2
        },
        "numForwards": {
         "type": "uint32",
         "id": 3
        },
        "numerics": {
         "type": "string",
         "id": 4
        }
       }
      },
      "Commit": {
       "fields": {
        "position": {
         "type": "uint32",
         "id": 1
        },
        "tokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 2
        },
        "numJudged": {
         "type": "uint32",
         "id": 3
        },
        "numAccepted": {
         "type": "uint32",
         "id": 4
        },
        "queueMs": {
         "type": "float",
         "id": 5
        },
        "verifyMs": {
         "type": "float",
         "id": 6
        },
        "batchSize": {
         "type": "uint32",
         "id": 7
        },
        "logprobs": {
         "rule": "repeated",
         "type": "float",
         "id": 8
        },
        "topLogprobs": {
         "rule": "repeated",
         "type": "TopLogprobs",
         "id": 9
        },
        "numVerifierDrafted": {
         "type": "uint32",
         "id": 10
        },
        "successors": {
         "rule": "repeated",
         "type": "uint32",
         "id": 11
        }
       }
      },
      "TopLogprobs": {
       "fields": {
        "tokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 1
        },
        "logprobs": {
         "rule": "repeated",
         "type": "float",
         "id": 2
        }
       }
      },
      "Finished": {
       "fields": {
        "reason": {
         "type": "FinishedReason",
         "id": 1
        }
       }
      },
      "FinishedReason": {
       "values": {
        "FINISHED_REASON_UNSPECIFIED": 0,
        "FINISHED_REASON_STOP": 1,
        "FINISHED_REASON_LENGTH": 2,
        "FINISHED_REASON_CANCELLED": 3
       }
      },
      "DescribeVerifierRequest": {
       "fields": {}
      },
      "VerifierDescription": {
       "fields": {
        "modelId": {
         "type": "string",
         "id": 1
        },
        "protocolVersion": {
         "type": "ProtocolVersion",
         "id": 2
        },
        "vocabulary": {
         "type": "Vocabulary",
         "id": 3
        },
        "numTokenIds": {
         "type": "uint32",
         "id": 4
        },
        "contextLength": {
         "type": "uint32",
         "id": 5
        },
        "eosTokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 6
        },
        "defaultSampling": {
         "type": "adaedl.v1.Sampling",
         "id": 7
        },
        "limits": {
         "type": "VerifierLimits",
         "id": 8
        },
        "numParameters": {
         "type": "double",
         "id": 9
        },
        "tokenizerParts": {
         "keyType": "string",
         "type": "string",
         "id": 10
        },
        "emulatedForwardMs": {
         "type": "string",
         "id": 11
        },
        "weights": {
         "type": "string",
         "id": 12
        },
        "numerics": {
         "type": "string",
         "id": 13
        },
        "requiresSameNumerics": {
         "type": "bool",
         "id": 14
        }
       }
      },
      "GetTokenizerRequest": {
       "fields": {
        "tokenizerDigest": {
         "type": "string",
         "id": 1
        }
       }
      },
      "TokenizerChunk": {
       "fields": {
        "data": {
         "type": "bytes",
         "id": 1
        }
       }
      },
      "VerifierLimits": {
       "fields": {
        "maxDraftLength": {
         "type": "uint32",
         "id": 1
        },
        "maxSessions": {
         "type": "uint32",
         "id": 2
        },
        "maxClientTokens": {
         "type": "uint32",
         "id": 3
        },
        "maxMessageBytes": {
         "type": "uint32",
         "id": 4
        },
        "idleTimeoutMs": {
         "type": "uint32",
         "id": 5
        }
       }
      }
     }
    },
    "v1": {
     "nested": {
      "Sampling": {
       "oneofs": {
        "_temperature": {
         "oneof": [
          "temperature"
         ]
        },
        "_topK": {
         "oneof": [
          "topK"
         ]
        },
        "_topP": {
         "oneof": [
          "topP"
         ]
        },
        "_minP": {
         "oneof": [
          "minP"
         ]
        },
        "_repetitionPenalty": {
         "oneof": [
          "repetitionPenalty"
         ]
        },
        "_presencePenalty": {
         "oneof": [
          "presencePenalty"
         ]
        },
        "_frequencyPenalty": {
         "oneof": [
          "frequencyPenalty"
         ]
        }
       },
       "fields": {
        "temperature": {
         "type": "double",
         "id": 1,
         "options": {
          "proto3_optional": true
         }
        },
        "topK": {
         "type": "int32",
         "id": 2,
         "options": {
          "proto3_optional": true
         }
        },
        "topP": {
         "type": "double",
         "id": 3,
         "options": {
          "proto3_optional": true
         }
        },
        "minP": {
         "type": "double",
         "id": 4,
         "options": {
          "proto3_optional": true
         }
        },
        "repetitionPenalty": {
         "type": "double",
         "id": 5,
         "options": {
          "proto3_optional": true
         }
        },
        "presencePenalty": {
         "type": "double",
         "id": 6,
         "options": {
          "proto3_optional": true
         }
        },
        "frequencyPenalty": {
         "type": "double",
         "id": 7,
         "options": {
          "proto3_optional": true
         }
        },
        "logitBias": {
         "keyType": "uint32",
         "type": "double",
         "id": 8
        }
       }
      },
      "VerificationRule": {
       "values": {
        "VERIFICATION_RULE_UNSPECIFIED": 0,
        "VERIFICATION_RULE_SHARED_NOISE": 1,
        "VERIFICATION_RULE_REJECTION": 2
       }
      },
      "Generation": {
       "methods": {
        "Generate": {
         "requestType": "GenerateRequest",
         "responseType": "GenerateResponse",
         "responseStream": true
        },
        "Describe": {
         "requestType": "DescribeDraftServiceRequest",
         "responseType": "DraftServiceDescription"
        }
       }
      },
      "GenerateRequest": {
       "oneofs": {
        "prompt": {
         "oneof": [
          "text",
          "tokenIds",
          "chat"
         ]
        },
        "_maxTokens": {
         "oneof": [
          "maxTokens"
         ]
        },
        "_seed": {
         "oneof": [
          "seed"
         ]
        },
        "_policy": {
         "oneof": [
          "policy"
         ]
        },
        "_maxDraft": {
         "oneof": [
          "maxDraft"
         ]
        }
       },
       "fields": {
        "text": {
         "type": "string",
         "id": 1
        },
        "tokenIds": {
         "type": "TokenIds",
         "id": 2
        },
        "chat": {
         "type": "Chat",
         "id": 3
        },
        "maxTokens": {
         "type": "uint32",
         "id": 4,
         "options": {
          "proto3_optional": true
         }
        },
        "sampling": {
         "type": "Sampling",
         "id": 5
        },
        "seed": {
         "type": "uint64",
         "id": 6,
         "options": {
          "proto3_optional": true
         }
        },
        "stop": {
         "rule": "repeated",
         "type": "string",
         "id": 7
        },
        "ignoreEos": {
         "type": "bool",
         "id": 8
        },
        "policy": {
         "type": "string",
         "id": 9,
         "options": {
          "proto3_optional": true
         }
        },
        "maxDraft": {
         "type": "uint32",
         "id": 10,
         "options": {
          "proto3_optional": true
         }
        },
        "verificationRule": {
         "type": "VerificationRule",
         "id": 11
        },
        "wantsLogprobs": {
         "type": "bool",
         "id": 12
        },
        "numTopLogprobs": {
         "type": "uint32",
         "id": 13
        },
        "wantsDetails": {
         "type": "bool",
         "id": 14
        },
        "untilContextEnds": {
         "type": "bool",
         "id": 15
        },
        "wantsPrompt": {
         "type": "bool",
         "id": 16
        }
       }
      },
      "TokenIds": {
       "fields": {
        "ids": {
         "rule": "repeated",
         "type": "uint32",
         "id": 1
        }
       }
      },
      "Chat": {
       "fields": {
        "messages": {
         "rule": "repeated",
         "type": "ChatMessage",
         "id": 1
        }
       }
      },
      "ChatMessage": {
       "fields": {
        "role": {
         "type": "string",
         "id": 1
        },
        "content": {
         "type": "string",
         "id": 2
        }
       }
      },
      "GenerateResponse": {
       "oneofs": {
        "event": {
         "oneof": [
          "started",
          "token",
          "finished",
          "commit",
          "frontier"
         ]
        }
       },
       "fields": {
        "started": {
         "type": "Started",
         "id": 1
        },
        "token": {
         "type": "Token",
         "id": 2
        },
        "finished": {
         "type": "GenerationFinished",
         "id": 3
        },
        "commit": {
         "type": "CommitReport",
         "id": 4
        },
        "frontier": {
         "type": "Frontier",
         "id": 5
        }
       }
      },
      "Started": {
       "fields": {
        "promptTokenIds": {
         "rule": "repeated",
         "type": "uint32",
         "id": 1
        },
        "promptText": {
         "type": "string",
         "id": 2
        },
        "policy": {
         "type": "string",
         "id": 3
        },
        "verificationRule": {
         "type": "VerificationRule",
         "id": 4
        },
        "seed": {
         "type": "uint64",
         "id": 5
        },
        "temperature": {
         "type": "double",
         "id": 6
        },
        "maxTokens": {
         "type": "uint32",
         "id": 7
        },
        "numPromptTokens": {
         "type": "uint32",
         "id": 8
        }
       }
      },
      "Token": {
       "oneofs": {
        "_entropy": {
         "oneof": [
          "entropy"
         ]
        },
        "_logprob": {
         "oneof": [
          "logprob"
         ]
        }
       },
       "fields": {
        "tokenId": {
         "type": "uint32",
         "id": 1
        },
        "text": {
         "type": "string",
         "id": 2
        },
        "origin": {
         "type": "TokenOrigin",
         "id": 3
        },
        "entropy": {
         "type": "float",
         "id": 4,
         "options": {
          "proto3_optional": true
         }
        },
        "logprob": {
         "type": "float",
         "id": 5,
         "options": {
          "proto3_optional": true
         }
        },
        "bytes": {
         "type": "bytes",
         "id": 6
        },
        "topLogprobs": {
         "rule": "repeated",
         "type": "TokenLogprob",
         "id": 7
        },
        "drafters": {
         "rule": "repeated",
         "type": "string",
         "id": 8
        }
       }
      },
      "TokenLogprob": {
       "fields": {
        "tokenId": {
         "type": "uint32",
         "id": 1
        },
        "bytes": {
         "type": "bytes",
         "id": 2
        },
        "logprob": {
         "type": "float",
         "id": 3
        }
       }
      },
      "CommitReport": {
       "fields": {
        "number": {
         "type": "uint32",
         "id": 1
        },
        "draftTokens": {
         "rule": "repeated",
         "type": "DraftToken",
         "id": 2
        },
        "numAccepted": {
         "type": "uint32",
         "id": 3
        },
        "endReason": {
         "type": "EndReason",
         "id": 4
        },
        "draftMs": {
         "type": "double",
         "id": 5
        },
        "waitMs": {
         "type": "double",
         "id": 6
        },
        "queueMs": {
         "type": "double",
         "id": 7
        },
        "verifyMs": {
         "type": "double",
         "id": 8
        }
       }
      },
      "DraftToken": {
       "oneofs": {
        "_entropy": {
         "oneof": [
          "entropy"
         ]
        }
       },
       "fields": {
        "tokenId": {
         "type": "uint32",
         "id": 1
        },
        "bytes": {
         "type": "bytes",
         "id": 2
        },
        "entropy": {
         "type": "float",
         "id": 3,
         "options": {
          "proto3_optional": true
         }
        }
       }
      },
      "Frontier": {
       "fields": {
        "distance": {
         "type": "uint32",
         "id": 1
        },
        "places": {
         "rule": "repeated",
         "type": "FrontierPlace",
         "id": 2
        }
       }
      },
      "FrontierPlace": {
       "fields": {
        "tokens": {
         "rule": "repeated",
         "type": "FrontierToken",
         "id": 1
        }
       }
      },
      "FrontierToken": {
       "fields": {
        "tokenId": {
         "type": "uint32",
         "id": 1
        },
        "bytes": {
         "type": "bytes",
         "id": 2
        },
        "chance": {
         "type": "float",
         "id": 3
        }
       }
      },
      "TokenOrigin": {
       "values": {
        "TOKEN_ORIGIN_UNSPECIFIED": 0,
        "TOKEN_ORIGIN_ACCEPTED": 1,
        "TOKEN_ORIGIN_RECOVERED": 2,
        "TOKEN_ORIGIN_BONUS": 3,
        "TOKEN_ORIGIN_AUTOREGRESSIVE": 4,
        "TOKEN_ORIGIN_VERIFIER_DRAFT": 5
       }
      },
      "GenerationFinished": {
       "fields": {
        "finishReason": {
         "type": "FinishReason",
         "id": 1
        },
        "usage": {
         "type": "Usage",
         "id": 2
        },
        "statistics": {
         "type": "SpeculationStatistics",
         "id": 3
        }
       }
      },
      "FinishReason": {
       "values": {
        "FINISH_REASON_UNSPECIFIED": 0,
        "FINISH_REASON_STOP": 1,
        "FINISH_REASON_LENGTH": 2
       }
      },
      "Usage": {
       "fields": {
        "numPromptTokens": {
         "type": "uint32",
         "id": 1
        },
        "numOutputTokens": {
         "type": "uint32",
         "id": 2
        }
       }
      },
      "SpeculationStatistics": {
       "fields": {
        "numCommits": {
         "type": "uint32",
         "id": 1
        },
        "numDrafted": {
         "type": "uint32",
         "id": 2
        },
        "numAccepted": {
         "type": "uint32",
         "id": 3
        },
        "numTargetForwards": {
         "type": "uint32",
         "id": 4
        },
        "numDraftForwards": {
         "type": "uint32",
         "id": 5
        },
        "numRoundTrips": {
         "type": "uint32",
         "id": 6
        },
        "numReopened": {
         "type": "uint32",
         "id": 7
        },
        "bytesUp": {
         "type": "uint64",
         "id": 8
        },
        "bytesDown": {
         "type": "uint64",
         "id": 9
        },
        "draftMs": {
         "type": "double",
         "id": 10
        },
        "queueMs": {
         "type": "double",
         "id": 11
        },
        "verifyMs": {
         "type": "double",
         "id": 12
        },
        "networkMs": {
         "type": "double",
         "id": 13
        },
        "durationMs": {
         "type": "double",
         "id": 14
        },
        "fallbackTokens": {
         "keyType": "string",
         "type": "uint32",
         "id": 15
        },
        "draftTokenBytesUp": {
         "type": "uint64",
         "id": 16
        },
        "numVerifierDrafted": {
         "type": "uint32",
         "id": 17
        },
        "numVerifierAccepted": {
         "type": "uint32",
         "id": 18
        },
        "acceptedBy": {
         "keyType": "string",
         "type": "uint32",
         "id": 19
        }
       }
      },
      "DescribeDraftServiceRequest": {
       "fields": {}
      },
      "DraftServiceDescription": {
       "fields": {
        "draftModelId": {
         "type": "string",
         "id": 1
        },
        "targetModelId": {
         "type": "string",
         "id": 2
        },
        "defaultPolicy": {
         "type": "string",
         "id": 3
        },
        "contextLength": {
         "type": "uint32",
         "id": 4
        },
        "draftContextLength": {
         "type": "uint32",
         "id": 5
        },
        "hasChatTemplate": {
         "type": "bool",
         "id": 6
        },
        "maxRequests": {
         "type": "uint32",
         "id": 7
        },
        "numDraftParameters": {
         "type": "double",
         "id": 8
        },
        "numTargetParameters": {
         "type": "double",
         "id": 9
        },
        "roundTripMs": {
         "type": "double",
         "id": 10
        },
        "emulatedDraftMs": {
         "type": "string",
         "id": 11
        },
        "emulatedTargetMs": {
         "type": "string",
         "id": 12
        },
        "sharedVocabulary": {
         "type": "double",
         "id": 13
        },
        "hasOtherVocabulary": {
         "type": "bool",
         "id": 14
        },
        "targetWeights": {
         "type": "string",
         "id": 15
        }
       }
      },
      "EndReason": {
       "values": {
        "END_REASON_UNSPECIFIED": 0,
        "END_REASON_POLICY": 1,
        "END_REASON_LIMIT": 2,
        "END_REASON_DRAFTER": 3
       }
      }
     }
    }
   }
  },
  "google": {
   "nested": {
    "protobuf": {
     "nested": {
      "Any": {
       "fields": {
        "type_url": {
         "type": "string",
         "id": 1
        },
        "value": {
         "type": "bytes",
         "id": 2
        }
       }
      },
      "Duration": {
       "fields": {
        "seconds": {
         "type": "int64",
         "id": 1
        },
        "nanos": {
         "type": "int32",
         "id": 2
        }
       }
      }
     }
    },
    "rpc": {
     "nested": {
      "Status": {
       "fields": {
        "code": {
         "type": "int32",
         "id": 1
        },
        "message": {
         "type": "string",
         "id": 2
        },
        "details": {
         "rule": "repeated",
         "type": "google.protobuf.Any",
         "id": 3
        }
       }
      },
      "ErrorInfo": {
       "fields": {
        "reason": {
         "type": "string",
         "id": 1
        },
        "domain": {
         "type": "string",
         "id": 2
        },
        "metadata": {
         "keyType": "string",
         "type": "string",
         "id": 3
        }
       }
      },
      "RetryInfo": {
       "fields": {
        "retryDelay": {
         "type": "google.protobuf.Duration",
         "id": 1
        }
       }
      },
      "BadRequest": {
       "fields": {
        "fieldViolations": {
         "rule": "repeated",
         "type": "FieldViolation",
         "id": 1
        }
       },
       "nested": {
        "FieldViolation": {
         "fields": {
          "field": {
           "type": "string",
           "id": 1
          },
          "description": {
           "type": "string",
           "id": 2
          }
         }
        }
       }
      }
     }
    }
   }
  },
  "grpc": {
   "nested": {
    "health": {
     "nested": {
      "v1": {
       "options": {
        "csharp_namespace": "Grpc.Health.V1",
        "go_package": "google.golang.org/grpc/health/grpc_health_v1",
        "java_multiple_files": true,
        "java_outer_classname": "HealthProto",
        "java_package": "io.grpc.health.v1"
       },
       "nested": {
        "HealthListRequest": {
         "fields": {}
        },
        "HealthListResponse": {
         "fields": {
          "statuses": {
           "keyType": "string",
           "type": "HealthCheckResponse",
           "id": 1
          }
         }
        },
        "HealthCheckRequest": {
         "fields": {
          "service": {
           "type": "string",
           "id": 1
          }
         }
        },
        "HealthCheckResponse": {
         "fields": {
          "status": {
           "type": "ServingStatus",
           "id": 1
          }
         },
         "nested": {
          "ServingStatus": {
           "values": {
            "UNKNOWN": 0,
            "SERVING": 1,
            "NOT_SERVING": 2,
            "SERVICE_UNKNOWN": 3
           }
          }
         }
        },
        "Health": {
         "methods": {
          "Check": {
           "requestType": "HealthCheckRequest",
           "responseType": "HealthCheckResponse"
          },
          "Watch": {
           "requestType": "HealthCheckRequest",
           "responseType": "HealthCheckResponse",
           "responseStream": true
          },
          "List": {
           "requestType": "HealthListRequest",
           "responseType": "HealthListResponse"
          }
         }
        }
       }
      }
     }
    }
   }
  }
 }
};
