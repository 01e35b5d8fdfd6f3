"""A client of a draft service, and of a verifier, that knows nothing but the .proto files.

Usage: python_client.py GENERATED_FOLDER ADDRESS VERIFIER_ADDRESS
Prints one JSON object with what it saw.
"""
import json
import queue
import sys

sys.path.insert(0, sys.argv[1])

import grpc
from adaedl.v1 import generation_pb2, generation_pb2_grpc, sampling_pb2
from adaedl.v2 import verification_pb2, verification_pb2_grpc
from grpc_health import health_pb2, health_pb2_grpc
from grpc_reflection import reflection_pb2, reflection_pb2_grpc

address, verifier_address = sys.argv[2:4]
seen = {}


sampling = sampling_pb2.Sampling(temperature=0.7)
seed = 3
max_tokens = 40


def request(**fields):
    return generation_pb2.GenerateRequest(
        text="The captain looked at the letter and",
        sampling=sampling,
        seed=seed,
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


class Session:
    """A stream to a verifier, and the text as far as it is known."""

    def __init__(self, stub, described, prompt, credit):
        self.prompt, self.output, self.num_sent = prompt, [], 0
        self.requests = queue.SimpleQueue()
        self.send(
            open=verification_pb2.Open(
                session_id="python",
                protocol_version=described.protocol_version,
                vocabulary=described.vocabulary,
                prompt_token_ids=prompt,
                sampling=sampling,
                seed=seed,
                max_tokens=max_tokens,
                credit=credit,
            )
        )
        self.responses = stub.Verify(iter(self.requests.get, None), timeout=60)
        self.receive("opened")

    def send(self, **message):
        self.requests.put(verification_pb2.VerifyRequest(**message))

    def receive(self, expected):
        response = next(self.responses)
        while response.WhichOneof("message") == "progress":
            response = next(self.responses)
        assert response.WhichOneof("message") == expected, response
        return getattr(response, expected)

    def offer_chain(self, token_ids):
        """Draft tokens after one another, and credit for one forward."""
        length = len(self.prompt) + len(self.output)
        self.send(
            offer=verification_pb2.Offer(
                base=fence_of(self.prompt + self.output),
                first_id=self.num_sent + 1,
                parent_offsets=[min(index, 1) for index in range(len(token_ids))],
                token_ids=token_ids,
                chances=bytes(len(token_ids)),
                credit=length + 1,
            )
        )
        self.num_sent += len(token_ids)

    def take_commit(self):
        commit = self.receive("commit")
        assert commit.position == len(self.prompt) + len(self.output), commit
        self.output += commit.token_ids
        return commit

    def finish(self):
        """Why the session is over; the stream then ends with OK."""
        reason = self.receive("finished").reason
        assert next(self.responses, None) is None
        assert self.responses.code() == grpc.StatusCode.OK
        self.requests.put(None)
        return verification_pb2.FinishedReason.Name(reason)


def fence_of(token_ids):
    low, high = 0x811C9DC5, 0x9747B28C
    for token_id in token_ids:
        low = (low ^ token_id) * 0x01000193 & 0xFFFFFFFF
        low ^= low >> 15
        high = (high ^ token_id) * 0x85EBCA6B & 0xFFFFFFFF
        high ^= high >> 13
    high = (high ^ len(token_ids)) * 0xC2B2AE35 & 0xFFFFFFFF
    return verification_pb2.Fence(length=len(token_ids), hash=high << 32 | low)


with grpc.insecure_channel(address) as channel:
    health = health_pb2_grpc.HealthStub(channel)
    check = health.Check(health_pb2.HealthCheckRequest(service="adaedl.v1.Generation"))
    seen["health"] = health_pb2.HealthCheckResponse.ServingStatus.Name(check.status)
    seen["services"] = services_of(channel)
    seen["files"] = file_of(channel, "adaedl.v1.Generation")

    stub = generation_pb2_grpc.GenerationStub(channel)
    described = stub.Describe(generation_pb2.DescribeDraftServiceRequest())
    seen["targetModelId"] = described.target_model_id
    seen["targetWeights"] = described.target_weights

    tokens, text, drafts = [], "", []
    watched = request(
        max_tokens=max_tokens, policy="static:3", wants_details=True, wants_prompt=True
    )
    for event in stub.Generate(watched, timeout=60):
        kind = event.WhichOneof("event")
        if kind == "started":
            prompt = list(event.started.prompt_token_ids)
        elif kind == "commit":
            drafts.append([token.token_id for token in event.commit.draft_tokens])
        elif kind == "token":
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

    # Without offers: credit for the whole text.
    plain = Session(stub, described, prompt, len(prompt) + max_tokens)
    while len(plain.output) < max_tokens:
        assert plain.take_commit().num_judged == 0
    seen["plain"] = {"tokenIds": plain.output, "reason": plain.finish()}

    # With the draft's tokens, a chain for each commit.
    drafted = Session(stub, described, prompt, len(prompt))
    num_judged = num_accepted = 0
    for draft in drafts:
        drafted.offer_chain(draft)
        commit = drafted.take_commit()
        num_judged += commit.num_judged
        num_accepted += commit.num_accepted
    seen["drafted"] = {"tokenIds": drafted.output, "reason": drafted.finish()}
    seen["drafted"].update(numJudged=num_judged, numAccepted=num_accepted)

    # Cancelled after three tokens, which are all that it has credit for.
    ended = Session(stub, described, prompt, len(prompt) + 3)
    while len(ended.output) < 3:
        ended.take_commit()
    ended.send(cancel=verification_pb2.Cancel())
    seen["ended"] = {"tokenIds": ended.output, "reason": ended.finish()}

print(json.dumps(seen))
