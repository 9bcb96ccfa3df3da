"""Anthropic's SDK for Python, unmodified: what each column asks of it."""

import base64
import json

import anthropic
import pytest

from rig import asked

TOOLS = [
    {"name": tool["name"], "description": tool["description"], "input_schema": tool["schema"]} for tool in asked.TOOLS
]
THINKING = {"thinking": {"type": "adaptive"}}
USER = {"role": "user", "content": asked.QUESTION}


class AnthropicSdk:
    """One client at one place."""

    def __init__(self, place, simulator):
        self.place, self.simulator = place, simulator
        self.client = anthropic.Anthropic(base_url=place.url, api_key=place.key, max_retries=0, timeout=20)
        self.messages = self.client.messages

    def plain(self):
        reply = self.messages.create(
            model=self.place.model, max_tokens=500, system=asked.SYSTEM, messages=[USER]
        )
        assert reply.type == "message" and reply.role == "assistant" and reply.id
        assert [block.text for block in reply.content] == [asked.greeting(self.place)]
        assert reply.stop_reason == "end_turn"
        self.check_usage(reply.usage)

    def stream(self):
        with self.stream_of() as stream:
            pieces = list(stream.text_stream)
            reply = stream.get_final_message()
        assert len(pieces) >= 2
        assert "".join(pieces) == asked.greeting(self.place)
        assert [block.text for block in reply.content] == [asked.greeting(self.place)]
        assert reply.stop_reason == "end_turn"
        self.check_usage(reply.usage)

    def tool(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.whole)

    def tool_streamed(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.assembled)

    def parallel_tools(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.whole)

    def parallel_streamed(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.assembled)

    def image(self):
        data = base64.b64encode(asked.IMAGE).decode()
        source = {"type": "base64", "media_type": "image/png", "data": data}
        content = [{"type": "image", "source": source}, {"type": "text", "text": asked.QUESTION}]
        reply = self.whole(messages=[{"role": "user", "content": content}])
        assert reply.content[0].text.startswith(asked.greeting(self.place, system=None))
        asked.check_image(self.simulator.last_call())

    def token_limit(self):
        for send in (self.whole, self.assembled):
            reply = send(messages=[USER], max_tokens=5)
            assert reply.stop_reason == "max_tokens"
            asked.check_cut_short(self.place, reply.content[0].text)

    def schema(self):
        form = {"format": {"type": "json_schema", "schema": asked.SCHEMA}}
        for send in (self.whole, self.assembled):
            reply = send(messages=[USER], output_config=form)
            assert json.loads(reply.content[0].text) == asked.BY_SCHEMA

    def thinking(self):
        for send in (self.whole, self.assembled):
            if self.place.mark("thinking") == "yes":
                self.round_trip(asked.TOOL_QUESTION, ["get_weather"], send, **THINKING)
                continue
            reply = send(messages=[USER], output_config={"effort": "high"}, **THINKING)
            assert [block.type for block in reply.content] == ["text"]
            assert self.simulator.last_call()["usage"]["reasoning"] > 0
            if self.place.provider == "openai":
                assert reply.usage.output_tokens_details.thinking_tokens > 0
        if self.place.mark("thinking") == "withheld":
            ask = {"model": self.place.model, "max_tokens": 4000, "messages": [USER], **THINKING}
            reply = self.messages.with_raw_response.create(**ask)
            assert "content[0] dropped" in reply.headers["x-openclaw-lossy"]

    def errors(self):
        with pytest.raises(anthropic.RateLimitError) as limited:
            self.ask_once(self.place.with_knobs(*asked.RATE_LIMITED))
        assert limited.value.status_code == 429
        assert limited.value.response.headers["retry-after"] == "7"
        assert limited.value.body["error"]["type"] == "rate_limit_error"
        with pytest.raises(anthropic.NotFoundError) as unknown:
            self.ask_once(self.place.model + "-missing")
        assert unknown.value.body["error"]["type"] == "not_found_error"
        assert unknown.value.body["error"]["message"]
        if self.place.way != "direct":
            with pytest.raises(anthropic.AuthenticationError) as unauthenticated:
                self.client.with_options(api_key="oc_wrong").messages.create(
                    model=self.place.model, max_tokens=500, messages=[USER]
                )
            assert unauthenticated.value.body["error"]["type"] == "authentication_error"
            assert unauthenticated.value.request_id

    def silence(self):
        with self.stream_of(*asked.SILENT) as stream:
            assert stream.get_final_text() == asked.greeting(self.place)

    def broken_stream(self):
        for knobs in (asked.CUT, asked.BROKEN):
            said = []
            with pytest.raises(anthropic.APIStatusError) as broken, self.stream_of(*knobs) as stream:
                for piece in stream.text_stream:
                    said.append(piece)
            assert said and asked.greeting(self.place).startswith("".join(said))
            assert broken.value.body["type"] == "error"
            assert broken.value.body["error"]["message"]

    def stream_of(self, *knobs):
        model = self.place.with_knobs(*knobs)
        return self.messages.stream(model=model, max_tokens=500, system=asked.SYSTEM, messages=[USER])

    def ask_once(self, model):
        return self.messages.create(model=model, max_tokens=500, messages=[USER])

    def whole(self, **ask):
        return self.messages.create(**{"model": self.place.model, "max_tokens": 4000, **ask})

    def assembled(self, **ask):
        """A streamed reply, put together by the SDK's own helper."""
        with self.messages.stream(**{"model": self.place.model, "max_tokens": 4000, **ask}) as stream:
            return stream.get_final_message()

    def round_trip(self, question, names, send, **options):
        messages = [{"role": "user", "content": question}]
        first = send(messages=messages, tools=TOOLS, **options)
        assert first.stop_reason == "tool_use"
        if options:
            thought = first.content[0]
            assert thought.type == "thinking" and question in thought.thinking
        calls = [block for block in first.content if block.type == "tool_use"]
        assert [call.name for call in calls] == names
        asked.check_calls((call.id, call.name, call.input) for call in calls)
        results = [
            {"type": "tool_result", "tool_use_id": call.id, "content": asked.RESULTS[call.name]} for call in calls
        ]
        messages.append({"role": "assistant", "content": first.content})
        messages.append({"role": "user", "content": results})
        second = send(messages=messages, tools=TOOLS, **options)
        assert second.stop_reason == "end_turn"
        answer = "".join(block.text for block in second.content if block.type == "text")
        asked.check_results(self.simulator.last_call(), answer, names)

    def check_usage(self, usage):
        cached = (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0)
        asked.check_usage(self.simulator.last_call(), usage.input_tokens + cached, usage.output_tokens)
