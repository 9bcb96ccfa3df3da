"""OpenAI's SDK for Python, unmodified: what each column asks of it."""

import base64
import json

import openai
import pytest

from rig import asked

TOOLS = [
    {
        "type": "function",
        "function": {"name": tool["name"], "description": tool["description"], "parameters": tool["schema"]},
    }
    for tool in asked.TOOLS
]
USER = {"role": "user", "content": asked.QUESTION}
SYSTEM = {"role": "system", "content": asked.SYSTEM}


class OpenaiSdk:
    """One client at one place."""

    def __init__(self, place, simulator):
        self.place, self.simulator = place, simulator
        self.client = openai.OpenAI(base_url=place.url, api_key=place.key, max_retries=0, timeout=20)
        self.completions = self.client.chat.completions

    def plain(self):
        reply = self.completions.create(model=self.place.model, messages=[SYSTEM, USER])
        assert reply.object == "chat.completion" and reply.id
        assert reply.choices[0].message.content == asked.greeting(self.place)
        assert reply.choices[0].finish_reason == "stop"
        usage = reply.usage
        asked.check_usage(self.simulator.last_call(), usage.prompt_tokens, usage.completion_tokens)
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens

    def stream(self):
        chunks = list(self.stream_of(stream_options={"include_usage": True}))
        assert len(pieces(chunks)) >= 2
        assert "".join(pieces(chunks)) == asked.greeting(self.place)
        assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
        assert len({chunk.id for chunk in chunks}) == 1
        assert chunks[-1].choices == []
        usage = chunks[-1].usage
        asked.check_usage(self.simulator.last_call(), usage.prompt_tokens, usage.completion_tokens)
        unasked = list(self.stream_of())
        assert all(chunk.choices and chunk.usage is None for chunk in unasked), "usage that nobody asked for"

    def tool(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.whole)

    def tool_streamed(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.assembled)

    def parallel_tools(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.whole)

    def parallel_streamed(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.assembled)

    def image(self):
        data = f"data:image/png;base64,{base64.b64encode(asked.IMAGE).decode()}"
        parts = [
            {"type": "text", "text": asked.QUESTION},
            {"type": "image_url", "image_url": {"url": data}},
        ]
        reply = self.completions.create(model=self.place.model, messages=[{"role": "user", "content": parts}])
        assert reply.choices[0].message.content.startswith(asked.greeting(self.place, system=None))
        asked.check_image(self.simulator.last_call())

    def token_limit(self):
        ask = {"model": self.place.model, "messages": [USER], "max_completion_tokens": 5}
        whole = self.completions.create(**ask)
        *_, last = [chunk for chunk in self.completions.create(**ask, stream=True) if chunk.choices]
        assert (whole.choices[0].finish_reason, last.choices[0].finish_reason) == ("length", "length")
        asked.check_cut_short(self.place, whole.choices[0].message.content)

    def schema(self):
        form = {"type": "json_schema", "json_schema": {"name": "place", "schema": asked.SCHEMA, "strict": True}}
        for send in (self.whole, self.assembled):
            reply = send(model=self.place.model, messages=[USER], response_format=form)
            assert json.loads(reply.choices[0].message.content) == asked.BY_SCHEMA

    def thinking(self):
        ask = {"model": self.place.model, "messages": [USER], "reasoning_effort": "high"}
        whole = self.completions.create(**ask)
        streamed = self.assembled(**ask)
        for reply in (whole, streamed):
            assert reply.choices[0].message.content == asked.greeting(self.place, system=None)
            if self.place.provider == "openai":
                # OpenAI's models do not show what they think.
                if reply is whole:
                    assert reply.usage.completion_tokens_details.reasoning_tokens > 0
            else:
                assert asked.QUESTION in reply.choices[0].message.reasoning_content

    def errors(self):
        with pytest.raises(openai.RateLimitError) as limited:
            self.ask_once(self.place.with_knobs(*asked.RATE_LIMITED))
        assert limited.value.status_code == 429
        assert limited.value.response.headers["retry-after"] == "7"
        assert limited.value.body["message"] in str(limited.value)
        with pytest.raises(openai.NotFoundError) as unknown:
            self.ask_once(self.place.model + "-missing")
        assert unknown.value.body["message"]
        assert unknown.value.body["code"] == "model_not_found"
        if self.place.way != "direct":
            with pytest.raises(openai.AuthenticationError) as unauthenticated:
                self.client.with_options(api_key="oc_wrong").chat.completions.create(
                    model=self.place.model, messages=[USER]
                )
            assert unauthenticated.value.request_id

    def silence(self):
        text = "".join(pieces(self.stream_of(*asked.SILENT)))
        assert text == asked.greeting(self.place)

    def broken_stream(self):
        for knobs in (asked.CUT, asked.BROKEN):
            said = []
            with pytest.raises(openai.APIError) as broken:
                for chunk in self.stream_of(*knobs):
                    said.extend(pieces([chunk]))
            assert not isinstance(broken.value, openai.APIConnectionError), "the connection broke with the provider's"
            assert broken.value.message
            assert asked.greeting(self.place).startswith("".join(said)) and said

    def stream_of(self, *knobs, **options):
        model = self.place.with_knobs(*knobs)
        return self.completions.create(model=model, messages=[SYSTEM, USER], stream=True, **options)

    def ask_once(self, model):
        return self.completions.create(model=model, messages=[USER])

    def whole(self, **ask):
        return self.completions.create(**ask)

    def assembled(self, **ask):
        """A streamed reply, put together by the SDK's own helper."""
        with self.completions.stream(**ask) as stream:
            return stream.get_final_completion()

    def round_trip(self, question, names, send):
        messages = [{"role": "user", "content": question}]
        first = send(model=self.place.model, messages=messages, tools=TOOLS)
        assert first.choices[0].finish_reason == "tool_calls"
        calls = first.choices[0].message.tool_calls
        assert [call.function.name for call in calls] == names
        asked.check_calls((call.id, call.function.name, json.loads(call.function.arguments)) for call in calls)
        messages.append(first.choices[0].message.to_dict())
        messages.extend(
            {"role": "tool", "tool_call_id": call.id, "content": asked.RESULTS[call.function.name]} for call in calls
        )
        second = send(model=self.place.model, messages=messages, tools=TOOLS)
        assert second.choices[0].finish_reason == "stop"
        asked.check_results(self.simulator.last_call(), second.choices[0].message.content, names)


def pieces(chunks):
    """The pieces of text in a stream."""
    return [choice.delta.content for chunk in chunks for choice in chunk.choices if choice.delta.content]
