"""What every client asks, and what must come back. It must not know any SDK."""

import base64
import hashlib
import json
from pathlib import Path

WORDS = json.loads(Path(__file__).with_name("words.json").read_text())
SYSTEM, QUESTION = WORDS["system"], WORDS["question"]
TOOL_QUESTION, PARALLEL_QUESTION = WORDS["tool_question"], WORDS["parallel_question"]
TOOLS = WORDS["tools"]
RESULTS = {tool["name"]: tool["result"] for tool in TOOLS}
ARGUMENTS = {tool["name"]: tool["arguments"] for tool in TOOLS}
SCHEMA, BY_SCHEMA = WORDS["schema"], WORDS["by_schema"]
IMAGE = base64.b64decode(WORDS["image_base64"])

# The gateway under test speaks to the model through these knobs of its name.
RATE_LIMITED = ("fail=429", "retry=7")
SILENT = ("silence=1500ms", "events=3", "gap=500ms")
CUT = ("cut=3",)
BROKEN = ("error=3",)


def greeting(place, question=QUESTION, system=SYSTEM):
    """What the simulated model says."""
    name = place.model.removeprefix(f"{place.provider}/").split("~")[0]
    said = f"Hello from the simulated {place.provider} model {name}. You said: {question}"
    return f"{said} system: {system}" if system else said


def check_cut_short(place, text):
    """The answer is only its beginning."""
    whole = greeting(place, system=None)
    assert text and whole.startswith(text) and len(text) < len(whole), f"not cut short: {text}"


def check_calls(calls):
    """Each call, as (id, name, arguments), is as the simulated model makes it."""
    calls = list(calls)
    for identity, name, arguments in calls:
        assert identity, "a call has no id"
        assert arguments == ARGUMENTS[name], f"{name} is called with {arguments}"
    identities = {identity for identity, _, _ in calls}
    assert len(identities) == len(calls), f"two calls have the same id: {calls}"


def check_results(call, answer, names):
    """The provider saw each result once, under the id of its call, and the answer quotes all."""
    seen = [result["text"] for result in call["tool_results"]]
    assert seen == [RESULTS[name] for name in names], f"the provider saw the results {seen}"
    for name in names:
        assert RESULTS[name] in answer, f"the answer does not quote {name}: {answer}"


def check_image(call):
    """Exactly the image arrived at the provider."""
    whole = {"media_type": "image/png", "bytes": len(IMAGE), "sha256": hashlib.sha256(IMAGE).hexdigest()}
    # Ollama's API has no place for the media type: the simulator looks at the bytes, as Ollama does.
    assert call["images"] == [whole], f"the provider saw {call['images']}"


def check_usage(call, tokens_in, tokens_out):
    """The tokens that the client was told are those that the provider counted, cached ones included."""
    usage = call["usage"]
    counted = (usage["input"] + usage["cache_read"] + usage["cache_write"], usage["output"])
    assert (tokens_in, tokens_out) == counted, f"told {(tokens_in, tokens_out)}, counted {counted}"
