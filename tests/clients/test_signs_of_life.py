"""What a stream says while the provider is silent, byte by byte: SDKs swallow it, load balancers need it."""

import http.client
import json
import ssl
from urllib.parse import quote, urlsplit

import pytest

from rig import asked

QUESTION = {"role": "user", "content": asked.QUESTION}
MODEL = "~".join(["model", *asked.SILENT])

# The door, what is asked there, the sign of life in its dialect, and what the first word of the model looks like.
DIALECTS = {
    "OpenAI": ("/v1/chat/completions", {"model": f"openai/{MODEL}"}, b"\n\n: ", b'"content":"Hello'),
    "Anthropic": ("/v1/messages", {"model": f"anthropic/{MODEL}", "max_tokens": 500}, b"event: ping\n", b'"text":"Hello'),
    "our own": ("/api/v1/chat", {"model": f"ollama/{MODEL}"}, b": keep-alive\n\n", b'"text":"Hello'),
    "Ollama": ("/api/ollama/api/chat", {"model": MODEL}, b'"content":""', b'"content":"Hello'),
    "Bedrock": (f"/api/bedrock/model/{quote(MODEL)}/converse-stream", {}, b"keepAlive", b'"text":"Hello'),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_silent_stream_shows_signs_of_life_before_the_first_word_and_after_it(dialect, gateways, simulator):
    path, asks, sign, first_word = DIALECTS[dialect]
    message = {**QUESTION, "content": [{"text": asked.QUESTION}]} if dialect == "Bedrock" else QUESTION
    body = {**asks, "messages": [message]}
    if dialect != "Bedrock":
        body["stream"] = True
    said = b"\n\n" + ask(gateways.hasty_url if dialect != "Bedrock" else gateways.tls_url, path, body, gateways)
    before, word, after = said.partition(first_word)
    assert word, f"no word of the model: {said}"
    assert before.count(sign) >= 3, f"hardly a sign of life in 1.5 s of silence: {before}"
    assert after.count(sign) >= 1, f"no sign of life in pauses of 0.5 s: {after}"


def ask(url, path, body, gateways):
    """The whole body of a reply, as it came."""
    place = urlsplit(url)
    if place.scheme == "https":
        trust = ssl.create_default_context(cafile=str(gateways.certificate))
        connection = http.client.HTTPSConnection(place.netloc, timeout=20, context=trust)
    else:
        connection = http.client.HTTPConnection(place.netloc, timeout=20)
    headers = {"authorization": f"Bearer {gateways.key}", "content-type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return answer.read()
    finally:
        connection.close()
