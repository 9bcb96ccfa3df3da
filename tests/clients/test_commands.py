"""The gateway's own commands for people: `chat`, `health` and `key`, as they are typed."""

import os
import pty
import select
import signal
import subprocess
import time

import pytest

DEADLINE_S = 20
PROMPT = "\x1b[1m\x1b[36m>\x1b[0m "


@pytest.fixture
def typed(gateways):
    """Runs a command as a person in the folder of the demo would."""

    def run(*words, stdin="", **environment):
        return subprocess.run(
            [gateways.binary, *words],
            cwd=gateways.folder,
            env={**os.environ, "OPENCLAW_URL": gateways.url, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )

    return run


def test_chat_answers_one_message_and_says_model_tokens_and_cost(typed, simulator):
    said = typed("chat", "--model", "anthropic/claude-sonnet-4-6", "--message", "hello")
    usage = simulator.last_call()["usage"]
    answer, about = said.stdout.splitlines()
    assert answer == "Hello from the simulated anthropic model claude-sonnet-4-6. You said: hello"
    tokens = f"{usage['input']} tokens in, {usage['output']} out"
    assert about == f"anthropic/claude-sonnet-4-6 · {tokens} · cost unknown"
    assert (said.returncode, said.stderr) == (0, "")


def test_chat_takes_what_is_piped_in_with_the_message(typed, simulator):
    said = typed("chat", "--message", "Review this", stdin="+ a line\n")
    assert said.returncode == 0
    assert simulator.last_call()["body"]["messages"][-1]["content"] == "Review this\n\n+ a line"


def test_chat_says_what_went_wrong_and_what_to_do(typed):
    cases = {
        ("--model", "nowhere/at-all"): ("error 404: ", "name another model with --model"),
        ("--token", "oc_wrong"): ("error 401: ", "--token or OPENCLAW_TOKEN"),
        ("--session", "s-1"): ("error 400: ", "sessions are not available yet"),
        ("--model", "openai/gpt-5~error=3"): ("error: ", "ask again"),
        ("--url", "http://127.0.0.1:1"): ("error: nobody answers at http://127.0.0.1:1", "openclaw-gateway demo"),
    }
    for options, expected in cases.items():
        said = typed("chat", "--message", "hello", *options)
        assert said.returncode == 1, f"{options}: {said.stdout}"
        for words in expected:
            assert words in said.stdout, f"{options}: {said.stdout}"
        if options[0] != "--url":
            assert "(request " in said.stdout, f"{options}: {said.stdout}"


def test_chat_shows_the_demos_token_to_nobody_but_this_machine(typed):
    said = typed("chat", "--message", "hello", "--url", "http://gateway.invalid:8080")
    assert "nobody answers at http://gateway.invalid:8080" in said.stdout


class Terminal:
    """A chat in a terminal."""

    def __init__(self, gateways, *options):
        master, slave = pty.openpty()
        environment = {**os.environ, "OPENCLAW_URL": gateways.url, "TERM": "xterm"}
        environment.pop("NO_COLOR", None)
        self.process = subprocess.Popen(
            [gateways.binary, "chat", *options],
            cwd=gateways.folder,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.master, self.said = master, ""

    def until(self, words):
        """What is said up to some words."""
        end = time.monotonic() + DEADLINE_S
        while words not in self.said:
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            assert ready, f"`{words}` is not said: {self.said}"
            self.said += os.read(self.master, 4096).decode()
        before, _, self.said = self.said.partition(words)
        return before

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        """The exit code."""
        try:
            return self.process.wait(DEADLINE_S)
        finally:
            self.process.kill()
            os.close(self.master)


def test_a_conversation_in_a_terminal_remembers_shows_thinking_dim_and_ends_with_control_d(gateways, simulator):
    terminal = Terminal(gateways, "--model", "anthropic/claude-sonnet-4-6~think=1")
    terminal.until(PROMPT)
    terminal.type("first\n")
    assert "\x1b[2mThe user wrote: first" in terminal.until("Hello from")
    terminal.until("cost unknown")
    terminal.until(PROMPT)
    terminal.type("second\n")
    terminal.until("You said: second")
    terminal.until(PROMPT)
    messages = simulator.last_call()["body"]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    terminal.type("\x04")
    assert terminal.end() == 0


def test_control_c_ends_a_chat_in_the_middle_of_an_answer_and_cancels_the_call(gateways, simulator):
    terminal = Terminal(gateways, "--model", "openai/gpt-5~gap=300ms~events=100")
    terminal.until(PROMPT)
    terminal.type("hello\n")
    terminal.until("H")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 0
    assert simulator.last_call()["ended"] == "client_closed"


def test_health_says_how_a_gateway_is_in_one_line_and_by_its_exit_code(typed, gateways):
    for options, word in (((), "ok"), (("--ready",), "ready")):
        said = typed("health", *options)
        assert said.stdout.startswith(f"{word}  {gateways.url}/health"), said.stdout
        assert (len(said.stdout.splitlines()), said.returncode) == (1, 0)
    said = typed("health", "--url", "http://127.0.0.1:1")
    assert said.stdout.startswith("unreachable  http://127.0.0.1:1/health: ")
    assert said.returncode == 1


def test_health_speaks_tls_to_who_has_a_certificate_that_is_believed(typed, gateways):
    said = typed("health", "--url", gateways.tls_url, SSL_CERT_FILE=str(gateways.certificate))
    assert said.returncode == 0, said.stdout
    said = typed("health", "--url", gateways.tls_url)
    assert said.returncode == 1 and "no TLS with" in said.stdout


def test_a_created_key_is_let_in_and_another_is_not(typed, gateways):
    arguments = ["chat", "--message", "hello", "--model", "ollama/llama3.2", "--url", gateways.hasty_url]
    assert typed(*arguments, "--token", gateways.key).returncode == 0
    other = next(line for line in typed("key", "create", "--id", "other").stdout.splitlines() if line.startswith("oc_"))
    assert "error 401" in typed(*arguments, "--token", other).stdout
