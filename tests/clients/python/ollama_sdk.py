"""Ollama's package for Python, unmodified: what each column asks of it."""

import json

import ollama
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


class OllamaSdk:
    """One client at one place."""

    def __init__(self, place, simulator):
        self.place, self.simulator = place, simulator
        self.client = self.client_with(place.key)

    def client_with(self, key):
        """A client that shows a key."""
        return ollama.Client(host=self.place.url, headers={"authorization": f"Bearer {key}"}, timeout=20)

    def plain(self):
        reply = self.client.chat(self.place.model, messages=[SYSTEM, USER])
        assert reply.message.role == "assistant"
        assert reply.message.content == asked.greeting(self.place)
        assert (reply.done, reply.done_reason) == (True, "stop")
        asked.check_usage(self.simulator.last_call(), reply.prompt_eval_count, reply.eval_count)

    def stream(self):
        replies = list(self.stream_of())
        pieces = [reply.message.content for reply in replies if reply.message.content]
        assert len(pieces) >= 2
        assert "".join(pieces) == asked.greeting(self.place)
        last = replies[-1]
        assert (last.done, last.done_reason) == (True, "stop")
        asked.check_usage(self.simulator.last_call(), last.prompt_eval_count, last.eval_count)

    def tool(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.whole)

    def tool_streamed(self):
        self.round_trip(asked.TOOL_QUESTION, ["get_weather"], self.assembled)

    def parallel_tools(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.whole)

    def parallel_streamed(self):
        self.round_trip(asked.PARALLEL_QUESTION, ["get_weather", "get_time"], self.assembled)

    def image(self):
        message = ollama.Message(role="user", content=asked.QUESTION, images=[ollama.Image(value=asked.IMAGE)])
        reply = self.whole(messages=[message])
        assert reply["content"].startswith(asked.greeting(self.place, system=None))
        asked.check_image(self.simulator.last_call())

    def token_limit(self):
        ask = {"messages": [USER], "options": {"num_predict": 5}}
        whole = self.client.chat(self.place.model, **ask)
        *_, last = self.client.chat(self.place.model, stream=True, **ask)
        assert (whole.done_reason, last.done_reason) == ("length", "length")
        asked.check_cut_short(self.place, whole.message.content)

    def schema(self):
        for send in (self.whole, self.assembled):
            assert json.loads(send(messages=[USER], format=asked.SCHEMA)["content"]) == asked.BY_SCHEMA

    def thinking(self):
        for send in (self.whole, self.assembled):
            self.round_trip(asked.TOOL_QUESTION, ["get_weather"], send, think=True)

    def errors(self):
        with pytest.raises(ollama.ResponseError) as limited:
            self.ask_once(self.place.with_knobs(*asked.RATE_LIMITED))
        assert limited.value.status_code == 429
        assert limited.value.error
        with pytest.raises(ollama.ResponseError) as unknown:
            self.ask_once(self.place.model + "-missing")
        assert unknown.value.status_code == 404
        assert "missing" in unknown.value.error
        if self.place.way != "direct":
            with pytest.raises(ollama.ResponseError) as unauthenticated:
                self.client_with("oc_wrong").chat(self.place.model, messages=[USER])
            assert unauthenticated.value.status_code == 401

    def silence(self):
        text = "".join(reply.message.content for reply in self.stream_of(*asked.SILENT))
        assert text == asked.greeting(self.place)

    def broken_stream(self):
        for knobs in (asked.CUT, asked.BROKEN):
            said = []
            with pytest.raises(ollama.ResponseError) as broken:
                for reply in self.stream_of(*knobs):
                    said.append(reply.message.content)
            assert broken.value.error
            assert said and asked.greeting(self.place).startswith("".join(said))

    def stream_of(self, *knobs):
        return self.client.chat(self.place.with_knobs(*knobs), messages=[SYSTEM, USER], stream=True)

    def ask_once(self, model):
        return self.client.chat(model, messages=[USER])

    def whole(self, **ask):
        return self.client.chat(self.place.model, **ask).message.model_dump(exclude_none=True)

    def assembled(self, **ask):
        """A streamed reply, put together as the documentation of the API says."""
        message = {"role": "assistant", "content": "", "thinking": "", "tool_calls": []}
        for reply in self.client.chat(self.place.model, stream=True, **ask):
            said = reply.message.model_dump(exclude_none=True)
            for field in ("content", "thinking", "tool_calls"):
                message[field] += said.get(field, message[field][:0])
        return message

    def round_trip(self, question, names, send, **options):
        messages = [{"role": "user", "content": question}]
        first = send(messages=messages, tools=TOOLS, **options)
        if options:
            assert question in first["thinking"]
        calls = [call["function"] for call in first["tool_calls"]]
        assert [call["name"] for call in calls] == names
        # The package knows no ids of calls; the name tells them apart.
        asked.check_calls((call["name"], call["name"], call["arguments"]) for call in calls)
        messages.append(first)
        messages.extend(
            {"role": "tool", "tool_name": call["name"], "content": asked.RESULTS[call["name"]]} for call in calls
        )
        second = send(messages=messages, tools=TOOLS, **options)
        asked.check_results(self.simulator.last_call(), second["content"], names)
