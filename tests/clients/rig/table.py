"""The table: clients down, features across. It knows nothing of how a cell is tested."""

import json
from pathlib import Path

from rig.matrix import CLIENTS, COLUMNS, DIRECT, rows

FAILED, NOT_ASKED, NOT_RUN = "FAILED", "-", "?"

_marks = {}

INTRODUCTION = """# Clients and features

Written by `tests/clients/run --write-doc`, which drives the gateway with unmodified SDKs against simulated providers; a cell stands here only if its test passed.
"counted": OpenAI's models do not show what they think; their API says how many tokens it took, and the client is told.
"withheld": a client of Anthropic's API sends thinking back and expects it to be signed; what Ollama's models think has no signature, so the client does not get it, and `x-openclaw-lossy` says so.

| column | what is tested |
|---|---|
"""


def note(row, column, mark):
    """Notes how a cell went."""
    _marks[row, column] = mark


def is_empty():
    """Whether no cell was tested."""
    return not _marks


def is_complete():
    """Whether every cell was tested, and none failed."""
    return all(_mark(row, column) not in (FAILED, NOT_RUN) for row in rows() for column in COLUMNS)


def _mark(row, column):
    if column not in row.columns():
        return NOT_ASKED
    return _marks.get((row.title, column), NOT_RUN)


def _lines(chosen):
    return [[row.title, *(_mark(row, column) for column in COLUMNS)] for row in chosen]


def as_text():
    """The table for a terminal."""
    tested = {row for row, _ in _marks}
    lines = [["", *COLUMNS], *_lines(row for row in rows() if row.title in tested)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def as_document():
    """The table for the documentation."""
    means = "".join(f"| {column} | {meaning} |\n" for column, meaning in COLUMNS.items())
    through = [row for row in rows() if row.way != DIRECT]
    direct = [row for row in rows() if row.way == DIRECT]
    parts = [
        INTRODUCTION + means,
        _document_table(through),
        "The same without a gateway, which shows that the simulated providers are ones that the SDKs understand:\n",
        _document_table(direct),
        "Versions: " + ", ".join(_versions()) + ".\n",
    ]
    return "\n".join(parts)


def _document_table(chosen):
    lines = [["client", *COLUMNS], ["---"] * (len(COLUMNS) + 1), *_lines(chosen)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _versions():
    """The tested versions, as the lists of packages pin them."""
    here = Path(__file__).parents[1]
    names = {name.replace(" SDK", "").lower() for name, _, _ in CLIENTS.values()}
    for line in (here / "requirements.txt").read_text().splitlines():
        name, _, version = line.partition("==")
        if name in names:
            yield f"{name} {version} (Python)"
    for name, version in json.loads((here / "package.json").read_text())["dependencies"].items():
        yield f"{name} {version} (TypeScript)"
