"""A client of a draft service that knows nothing but the .proto files.

Usage: python_client.py GENERATED_FOLDER ADDRESS VERIFIER_ADDRESS
Prints one JSON object with what it saw.
"""
import json
import sys

sys.path.insert(0, sys.argv[1])

import grpc
from adaedl.v1 import generation_pb2, generation_pb2_grpc, sampling_pb2
from adaedl.v2 import verification_pb2, verification_pb2_grpc
from grpc_health import health_pb2, health_pb2_grpc
from grpc_reflection import reflection_pb2, reflection_pb2_grpc

address, verifier_address = sys.argv[2:4]
seen = {}


def request(**fields):
    return generation_pb2.GenerateRequest(
        text="The captain looked at the letter and",
        sampling=sampling_pb2.Sampling(temperature=0.7),
        seed=3,
        ignore_eos=True,
        **fields,
    )


def services_of(channel):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    ask = reflection_pb2.ServerReflectionRequest(list_services="")
    [answer] = list(stub.ServerReflectionInfo(iter([ask])))
    return sorted(service.name for service in answer.list_services_response.service)


def file_of(channel, symbol):
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    ask = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
    [answer] = list(stub.ServerReflectionInfo(iter([ask])))
    return len(answer.file_descriptor_response.file_descriptor_proto)


with grpc.insecure_channel(address) as channel:
    health = health_pb2_grpc.HealthStub(channel)
    check = health.Check(health_pb2.HealthCheckRequest(service="adaedl.v1.Generation"))
    seen["health"] = health_pb2.HealthCheckResponse.ServingStatus.Name(check.status)
    seen["services"] = services_of(channel)
    seen["files"] = file_of(channel, "adaedl.v1.Generation")

    stub = generation_pb2_grpc.GenerationStub(channel)
    described = stub.Describe(generation_pb2.DescribeDraftServiceRequest())
    seen["targetModelId"] = described.target_model_id

    tokens, text = [], ""
    for event in stub.Generate(request(max_tokens=40, policy="static:3"), timeout=60):
        kind = event.WhichOneof("event")
        if kind == "token":
            tokens.append(event.token.token_id)
            text += event.token.text
        elif kind == "finished":
            seen["usage"] = event.finished.usage.num_output_tokens
            seen["numDrafted"] = event.finished.statistics.num_drafted
            seen["finishReason"] = generation_pb2.FinishReason.Name(event.finished.finish_reason)
    seen["tokenIds"], seen["text"] = tokens, text

    # Cancels in the middle.
    call = stub.Generate(request(max_tokens=480), timeout=60)
    taken = 0
    try:
        for event in call:
            taken += event.WhichOneof("event") == "token"
            if taken == 5:
                call.cancel()
    except grpc.RpcError as error:
        seen["cancelled"] = error.code().name
    seen["takenBeforeCancel"] = taken

    try:
        list(stub.Generate(request(max_tokens=0), timeout=60))
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata())
        seen["refused"] = [error.code().name, error.details()]
        seen["hasDetails"] = b"adaedl" in trailers.get("grpc-status-details-bin", b"")

with grpc.insecure_channel(verifier_address) as channel:
    seen["verifierServices"] = services_of(channel)
    stub = verification_pb2_grpc.VerificationStub(channel)
    described = stub.Describe(verification_pb2.DescribeVerifierRequest())
    seen["vocabularySize"] = described.vocabulary.size

print(json.dumps(seen))
