"""The examples in the documents, run as a reader would: every block after `<!-- run -->`, against the demo.

It knows nothing of what the examples do; an example that fails must end with an error of its own.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = os.environ.get("OPENCLAW_GATEWAY_BIN", str(ROOT / "target/release/openclaw-gateway"))
MARKED = re.compile(r"^<!-- run -->\n```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DEADLINE_S = 60


def documents():
    """Every Markdown file that readers get."""
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def examples():
    """Every marked block, under the name of its file and line."""
    found = []
    for path in documents():
        text = path.read_text()
        for match in MARKED.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            name = f"{path.relative_to(ROOT)}:{line}"
            found.append(pytest.param(match.group(1), match.group(2), id=name))
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A running demo on free ports: the environment that the examples expect."""
    data = tmp_path_factory.mktemp("demo")
    command = [GATEWAY, "demo", "--json", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = json.loads(process.stdout.readline())
            yield {**os.environ, "OPENCLAW_URL": ready["url"], "OPENCLAW_TOKEN": ready["token"]}
        finally:
            process.terminate()
            process.wait(DEADLINE_S)


@pytest.mark.parametrize(("language", "code"), examples())
def test_an_example_works(language, code, demo, tmp_path):
    # A shell example whose curl gets an error page must fail, and so must one whose first command fails.
    prelude = 'curl() { command curl --fail-with-body "$@"; }\n'
    command = ["bash", "-euo", "pipefail", "-c", prelude + code] if language == "sh" else [sys.executable, "-c", code]
    ran = subprocess.run(command, env=demo, cwd=tmp_path, capture_output=True, text=True, timeout=DEADLINE_S)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert ran.stdout.strip(), "it says nothing"


def test_there_are_examples():
    assert len(examples()) >= 6


def test_every_mark_is_followed_by_a_block_that_is_run():
    marks = sum(path.read_text().count("<!-- run -->\n") for path in documents())
    assert marks == len(examples())


def test_the_reference_has_every_command_with_its_options():
    page = (ROOT / "docs/reference/command-line.md").read_text()
    commands = re.findall(r"^  ([a-z]+) ", said("--help"), re.MULTILINE)
    assert "demo" in commands
    for command in set(commands) - {"help", "key"} | {"key create"}:
        row = next((line for line in page.splitlines() if line.startswith(f"| `{command} ")), None)
        assert row, f"nothing is said of `{command}`"
        options = set(re.findall(r"^ +(--[a-z-]+)", said(*command.split(), "--help"), re.MULTILINE))
        told = set(re.findall(r"--[a-z-]+", row))
        assert options == told, f"`{command}`"


def said(*words):
    """What a command prints."""
    return subprocess.run([GATEWAY, *words], capture_output=True, text=True, check=True, timeout=DEADLINE_S).stdout
