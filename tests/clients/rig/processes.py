"""Starts the gateway as its users do: the demo, and two of their own configuration with signs of life every 200 ms,
one of them behind TLS, because boto3 shows a bearer token to nothing else.
"""

import json
import os
import queue
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

START_DEADLINE_S = 30
STOP_DEADLINE_S = 20

CONFIGURATION = """
version = 1

[server]
listen = "127.0.0.1:0"
admin_listen = "127.0.0.1:0"
commit_after = "200ms"
keep_alive_every = "200ms"
{tls}
{key}
[[policy.allow]]
models = ["*"]

[providers.openai]
dialect = "openai_chat"
base_url = "{simulator}"
api_keys = ["file:simulated.key"]

[providers.anthropic]
dialect = "anthropic_messages"
base_url = "{simulator}"
api_keys = ["file:simulated.key"]

[providers.bedrock]
dialect = "bedrock_converse"
base_url = "{simulator}"
regions = ["us-east-1"]
api_keys = ["file:simulated.key"]

[providers.ollama]
dialect = "ollama_chat"
base_url = "{simulator}"

[ledger]
folder = "ledger-{name}"

[telemetry]
log = "warn"
"""

TLS = """
[server.tls]
certificate = "certificate.pem"
key = "certificate.key"
"""

CERTIFICATE = """
[req]
prompt = no
distinguished_name = name
x509_extensions = extensions

[name]
CN = 127.0.0.1

[extensions]
subjectAltName = IP:127.0.0.1
basicConstraints = critical, CA:FALSE
"""


@dataclass
class Gateways:
    """Everything that runs, and how it is reached."""

    binary: Path
    folder: Path
    running: list = field(default_factory=list)

    def start(self):
        """Starts all, one after the other: each needs what the one before says."""
        demo = self._start("demo", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data", "data")
        self.url, self.token, self.simulator_url = demo["url"], demo["token"], demo["simulator_url"]
        self.key = self._make_key()
        self.certificate = self._make_certificate()
        (self.folder / "simulated.key").write_text("simulated")
        self.hasty_url = self._serve("hasty", tls="")
        self.tls_url = self._serve("tls", tls=TLS)

    def _serve(self, name, tls):
        path = self.folder / f"{name}.toml"
        path.write_text(
            CONFIGURATION.format(name=name, tls=tls, key=self.key_table, simulator=self.simulator_url)
        )
        return self._start("serve", "--config", str(path))["url"]

    def _start(self, command, *arguments):
        """Starts a command and returns the line of JSON that it prints when it is ready."""
        said = self.folder / f"{command}-{len(self.running)}.log"
        with said.open("wb") as log:
            process = subprocess.Popen(
                [self.binary, command, *arguments, "--json"], cwd=self.folder, stdout=subprocess.PIPE, stderr=log
            )
        self.running.append(process)
        lines = queue.Queue(1)
        threading.Thread(target=lambda: lines.put(process.stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=START_DEADLINE_S)
            return json.loads(line)
        except (queue.Empty, json.JSONDecodeError):
            raise RuntimeError(f"`{command}` did not get ready; it said: {said.read_text()}") from None

    def _make_key(self):
        """An API key as an operator makes one: the key itself is printed, and the table for the configuration."""
        command = [self.binary, "key", "create", "--id", "clients", "--scope", "chat:write", "--scope", "chat:read"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.key_table = said[said.index("[[identity.keys]]") :]
        return next(line for line in said.splitlines() if line.startswith("oc_"))

    def _make_certificate(self):
        """A certificate that vouches for itself, and for nobody else: some clients believe no authority as a server."""
        path = self.folder / "certificate.pem"
        (self.folder / "openssl.cnf").write_text(CERTIFICATE)
        files = ["-out", str(path), "-keyout", str(self.folder / "certificate.key")]
        kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        command = ["openssl", "req", "-x509", "-config", "openssl.cnf", *kind, *files]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return path

    def stop(self):
        """Ends what was started, as an init system does."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def binary():
    """The gateway that is tested, built beforehand."""
    root = Path(__file__).parents[3]
    path = Path(os.environ.get("OPENCLAW_GATEWAY_BIN", root / "target/release/openclaw-gateway"))
    if not path.exists():
        raise RuntimeError(f"{path} is missing: build it with `make build`, or name another in OPENCLAW_GATEWAY_BIN")
    return path.absolute()
