"""The rows and columns of the table: which client goes where, and what it is asked to do there."""

from dataclasses import asdict, dataclass

COLUMNS = {
    "plain": "a question with a system prompt; the answer, why it ended, and the tokens that the provider counted",
    "stream": "the same as a stream of at least two pieces",
    "tool": "a tool is called, its result sent, and the answer quotes it",
    "tool, streamed": "the same as two streams",
    "parallel tools": "two tools are called at once, both results sent, and the answer quotes both",
    "parallel, streamed": "the same as two streams",
    "image": "a PNG arrives at the provider with its media type and every byte",
    "token limit": "an answer, whole and streamed, that ends after five tokens and says why",
    "schema": "the answer, whole and streamed, is JSON by a schema",
    "thinking": "the model thinks, what it thought is shown, and it goes back with a tool's result",
    "errors": "a rate limit, an unknown model and (not directly) a wrong token raise the SDK's own error classes",
    "silence": "a provider that says nothing for 1.5 s, and then pauses, while the gateway gives signs of life",
    "broken stream": "a provider that dies after three words, and one that sends an error: an exception, after the words",
}

# What stands in a cell where an API has no way to show what was thought.
COUNTED, WITHHELD = "counted", "withheld"

VENDORS = {
    "openai": ("OpenAI", "gpt-5"),
    "anthropic": ("Anthropic", "claude-sonnet-4-6"),
    "bedrock": ("Bedrock", "us.anthropic.claude-sonnet-4-6-v1:0"),
    "ollama": ("Ollama", "llama3.2"),
}

CLIENTS = {
    "openai-python": ("OpenAI SDK", "Python", "openai"),
    "openai-typescript": ("OpenAI SDK", "TypeScript", "openai"),
    "anthropic-python": ("Anthropic SDK", "Python", "anthropic"),
    "anthropic-typescript": ("Anthropic SDK", "TypeScript", "anthropic"),
    "boto3": ("boto3", "Python", "bedrock"),
    "ollama": ("ollama", "Python", "ollama"),
}

DIRECT, OWN, ANY = "direct", "own", "any"


@dataclass(frozen=True)
class Row:
    """One client on one way to one provider."""

    client: str
    way: str
    provider: str

    @property
    def title(self):
        """The row as people read it."""
        name, language, _ = CLIENTS[self.client]
        return f"{name} ({language}) {self.path}"

    @property
    def path(self):
        """The way as people read it."""
        vendor, _ = VENDORS[self.provider]
        if self.way == DIRECT:
            return f"without a gateway to {vendor}"
        if self.way == OWN:
            return f"through /api/{self.provider}"
        door = "/v1" if self.client.startswith("openai") else "/"
        return f"through {door} to {vendor}"

    @property
    def model(self):
        """The model as the client names it on this way."""
        _, model = VENDORS[self.provider]
        return f"{self.provider}/{model}" if self.way == ANY else model

    def columns(self):
        """What is asked on this row. Signs of life and in-band errors are the gateway's own doing."""
        ours = ("silence", "broken stream")
        return [column for column in COLUMNS if self.way != DIRECT or column not in ours]

    def mark(self, column):
        """What stands in the table when the test passes."""
        if column == "thinking" and self.provider == "openai":
            return COUNTED
        if column == "thinking" and self.provider == "ollama" and self.client.startswith("anthropic"):
            return WITHHELD
        return "yes"


def rows():
    """All rows, in the order of the table."""
    own = [Row(client, OWN, provider) for client, (_, _, provider) in CLIENTS.items()]
    anywhere = [
        Row(client, ANY, provider)
        for client, (_, _, dialect) in CLIENTS.items()
        if dialect in ("openai", "anthropic")
        for provider in VENDORS
    ]
    direct = [Row(client, DIRECT, provider) for client, (_, _, provider) in CLIENTS.items()]
    return own + anywhere + direct


@dataclass(frozen=True)
class Place:
    """Where a row's client goes, and with what."""

    url: str
    key: str
    model: str
    provider: str
    way: str
    simulator_url: str
    certificate: str
    marks: dict[str, str]

    def with_knobs(self, *knobs):
        """The model, and how the simulated provider shall behave."""
        return "~".join([self.model, *knobs])

    def mark(self, column):
        """What stands in the table when the test of a column passes."""
        return self.marks[column]

    def as_json(self):
        """For clients in other languages."""
        return asdict(self)


def place(row, gateways, hasty=False):
    """Where the client of a row goes: the demo, or the gateway that gives signs of life every 200 ms."""
    _, _, dialect = CLIENTS[row.client]
    version = "/v1" if dialect == "openai" else ""
    if row.way == DIRECT:
        base, key = gateways.simulator_url, "simulated"
    elif dialect == "bedrock":
        base, key = gateways.tls_url, gateways.key
    elif hasty:
        base, key = gateways.hasty_url, gateways.key
    else:
        base, key = gateways.url, gateways.token
    root = f"{base}/api/{row.provider}" if row.way == OWN else base
    return Place(
        url=root + version,
        key=key,
        model=row.model,
        provider=row.provider,
        way=row.way,
        simulator_url=gateways.simulator_url,
        certificate=str(gateways.certificate),
        marks={column: row.mark(column) for column in COLUMNS},
    )
