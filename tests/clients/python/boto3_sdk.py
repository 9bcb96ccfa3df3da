"""boto3's `bedrock-runtime` client, unmodified: what each column asks of it."""

import json
import os

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from rig import asked

TOOLS = {
    "tools": [
        {
            "toolSpec": {
                "name": tool["name"],
                "description": tool["description"],
                "inputSchema": {"json": tool["schema"]},
            }
        }
        for tool in asked.TOOLS
    ]
}
USER = {"role": "user", "content": [{"text": asked.QUESTION}]}
SYSTEM = [{"text": asked.SYSTEM}]
THINKING = {"additionalModelRequestFields": {"thinking": {"type": "adaptive"}}}


class Boto3Sdk:
    """One client at one place."""

    def __init__(self, place, simulator):
        self.place, self.simulator = place, simulator
        self.client = self.client_with(place.key)

    def client_with(self, key):
        """A client with a bearer token, or directly at the simulator with a signature: boto3 shows no token without TLS.

        boto3 reads the environment when it calls for the first time, so this stays as it is for the test.
        """
        config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
        options = {"region_name": "us-east-1", "endpoint_url": self.place.url, "config": config}
        if self.place.way == "direct":
            os.environ.pop("AWS_BEARER_TOKEN_BEDROCK", None)
            options |= {"aws_access_key_id": "AKIASIMULATED", "aws_secret_access_key": "simulated"}
        else:
            os.environ |= {"AWS_BEARER_TOKEN_BEDROCK": key, "AWS_CA_BUNDLE": self.place.certificate}
        return boto3.client("bedrock-runtime", **options)

    def plain(self):
        reply = self.client.converse(modelId=self.place.model, system=SYSTEM, messages=[USER])
        assert reply["output"]["message"] == {"role": "assistant", "content": [{"text": asked.greeting(self.place)}]}
        assert reply["stopReason"] == "end_turn"
        self.check_usage(reply["usage"])

    def stream(self):
        events = list(self.stream_of())
        pieces = texts(events)
        assert len(pieces) >= 2
        assert "".join(pieces) == asked.greeting(self.place)
        assert [next(iter(event)) for event in events][-2:] == ["messageStop", "metadata"]
        assert events[-2]["messageStop"]["stopReason"] == "end_turn"
        self.check_usage(events[-1]["metadata"]["usage"])

    def tool(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.whole)

    def tool_streamed(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.assembled)

    def parallel_tools(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.whole)

    def parallel_streamed(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.assembled)

    def image(self):
        image = {"image": {"format": "png", "source": {"bytes": asked.IMAGE}}}
        message = {"role": "user", "content": [{"text": asked.QUESTION}, image]}
        content, _ = self.whole(messages=[message])
        assert content[0]["text"].startswith(asked.greeting(self.place, system=None))
        asked.check_image(self.simulator.last_call())

    def token_limit(self):
        for send in (self.whole, self.assembled):
            content, stop = send(messages=[USER], inferenceConfig={"maxTokens": 5})
            assert stop == "max_tokens"
            asked.check_cut_short(self.place, content[0]["text"])

    def schema(self):
        structure = {"jsonSchema": {"name": "place", "schema": json.dumps(asked.SCHEMA)}}
        form = {"textFormat": {"type": "json_schema", "structure": structure}}
        for send in (self.whole, self.assembled):
            content, _ = send(messages=[USER], outputConfig=form)
            assert json.loads(content[0]["text"]) == asked.BY_SCHEMA

    def thinking(self):
        for send in (self.whole, self.assembled):
            self.round_trip(asked.TOOL_QUESTION, ["get_weather"], send, **THINKING)

    def errors(self):
        with pytest.raises(self.client.exceptions.ThrottlingException) as limited:
            self.ask_once(self.place.with_knobs("fail=429"))
        assert limited.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
        assert limited.value.response["Error"]["Message"]
        with pytest.raises(ClientError) as unknown:
            self.ask_once(self.place.model + "-missing")
        assert unknown.value.response["Error"]["Code"] in ("ValidationException", "ResourceNotFoundException")
        assert unknown.value.response["Error"]["Message"]
        if self.place.way != "direct":
            with pytest.raises(ClientError) as unauthenticated:
                self.client_with("oc_wrong").converse(modelId=self.place.model, messages=[USER])
            assert unauthenticated.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
            assert unauthenticated.value.response["Error"]["Code"] in (
                "AccessDeniedException",
                "UnrecognizedClientException",
            )

    def silence(self):
        assert "".join(texts(self.stream_of(*asked.SILENT))) == asked.greeting(self.place)

    def broken_stream(self):
        for knobs in (asked.CUT, asked.BROKEN):
            said = []
            with pytest.raises(EventStreamError) as broken:
                for event in self.stream_of(*knobs):
                    said.extend(texts([event]))
            assert broken.value.response["Error"]["Message"]
            assert said and asked.greeting(self.place).startswith("".join(said))

    def stream_of(self, *knobs):
        model = self.place.with_knobs(*knobs)
        return self.client.converse_stream(modelId=model, system=SYSTEM, messages=[USER])["stream"]

    def ask_once(self, model):
        return self.client.converse(modelId=model, messages=[USER])

    def whole(self, **ask):
        reply = self.client.converse(modelId=self.place.model, **ask)
        return reply["output"]["message"]["content"], reply["stopReason"]

    def assembled(self, **ask):
        """A streamed reply, put together as the documentation of the API says."""
        return assemble(self.client.converse_stream(modelId=self.place.model, **ask)["stream"])

    def round_trip(self, question, names, send, **options):
        messages = [{"role": "user", "content": [{"text": question}]}]
        content, stop = send(messages=messages, toolConfig=TOOLS, **options)
        assert stop == "tool_use"
        if options:
            thought = content[0]["reasoningContent"]["reasoningText"]
            assert question in thought["text"] and thought["signature"]
        calls = [block["toolUse"] for block in content if "toolUse" in block]
        assert [call["name"] for call in calls] == names
        asked.check_calls((call["toolUseId"], call["name"], call["input"]) for call in calls)
        results = [
            {"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": asked.RESULTS[call["name"]]}]}}
            for call in calls
        ]
        messages += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]
        content, stop = send(messages=messages, toolConfig=TOOLS, **options)
        assert stop == "end_turn"
        answer = "".join(block.get("text", "") for block in content)
        asked.check_results(self.simulator.last_call(), answer, names)

    def check_usage(self, usage):
        cached = usage.get("cacheReadInputTokens", 0) + usage.get("cacheWriteInputTokens", 0)
        tokens_in = usage["inputTokens"] + cached
        asked.check_usage(self.simulator.last_call(), tokens_in, usage["outputTokens"])
        assert usage["totalTokens"] == tokens_in + usage["outputTokens"]


def texts(events):
    """The pieces of text in a stream."""
    deltas = [event["contentBlockDelta"]["delta"] for event in events if "contentBlockDelta" in event]
    return [delta["text"] for delta in deltas if "text" in delta]


def assemble(events):
    """The content of a streamed reply, and why it ended."""
    blocks, stop = {}, None
    for event in events:
        if "contentBlockStart" in event:
            start = event["contentBlockStart"]
            blocks[start["contentBlockIndex"]] = {"toolUse": {**start["start"]["toolUse"], "input": ""}}
        elif "contentBlockDelta" in event:
            delta = event["contentBlockDelta"]
            add(blocks.setdefault(delta["contentBlockIndex"], {}), delta["delta"])
        elif "messageStop" in event:
            stop = event["messageStop"]["stopReason"]
    for block in blocks.values():
        if "toolUse" in block:
            block["toolUse"]["input"] = json.loads(block["toolUse"]["input"] or "{}")
    return [blocks[index] for index in sorted(blocks)], stop


def add(block, delta):
    """Adds a delta to a block of text, of reasoning or of a call."""
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    elif "toolUse" in delta:
        block["toolUse"]["input"] += delta["toolUse"]["input"]
    else:
        thought = block.setdefault("reasoningContent", {}).setdefault("reasoningText", {})
        for field, text in delta["reasoningContent"].items():
            thought[field] = thought.get(field, "") + text
