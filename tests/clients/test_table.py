"""Every client asks everything, everywhere it can go."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from python.anthropic_sdk import AnthropicSdk
from python.boto3_sdk import Boto3Sdk
from python.ollama_sdk import OllamaSdk
from python.openai_sdk import OpenaiSdk
from rig.matrix import CLIENTS, COLUMNS, place, rows

HERE = Path(__file__).parent
PYTHON = {"openai-python": OpenaiSdk, "anthropic-python": AnthropicSdk, "boto3": Boto3Sdk, "ollama": OllamaSdk}
NODE_DEADLINE_S = 300


def cells(language):
    """All cells of the clients of a language, named as sentences."""
    return [
        pytest.param(row, column, id=f"{row.title}: {column}")
        for row in rows()
        if CLIENTS[row.client][1] == language
        for column in row.columns()
    ]


def note(record_property, row, column):
    """Tells the table which cell this test is."""
    for name, value in (("row", row.title), ("column", column), ("mark", row.mark(column))):
        record_property(name, value)


@pytest.mark.parametrize(("row", "column"), cells("Python"))
def test_a_client_of_python(row, column, gateways, simulator, record_property):
    note(record_property, row, column)
    client = PYTHON[row.client](place(row, gateways, hasty=column == "silence"), simulator)
    getattr(client, method(column))()


@pytest.mark.parametrize(("row", "column"), cells("TypeScript"))
def test_a_client_of_typescript(row, column, told_by_node, record_property):
    note(record_property, row, column)
    error = told_by_node[f"{row.title}: {column}"]
    assert error is None, error


def method(column):
    """The name of what a client does for a column."""
    return column.replace(",", "").replace(" ", "_")


@pytest.fixture(scope="session")
def told_by_node(gateways, tmp_path_factory):
    """How each cell went that Node tested, by name: its error, or `None`."""
    asked = [
        {
            "name": f"{row.title}: {column}",
            "client": row.client,
            "method": method(column),
            "place": place(row, gateways, hasty=column == "silence").as_json(),
        }
        for row in rows()
        if CLIENTS[row.client][1] == "TypeScript"
        for column in row.columns()
    ]
    path = tmp_path_factory.mktemp("node") / "cells.json"
    path.write_text(json.dumps(asked))
    command = ["node", "--test", "--test-reporter", "./typescript/reporter.mjs", "typescript/table.test.mjs"]
    environment = {**os.environ, "CLIENTS_CELLS": str(path)}
    said = subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=NODE_DEADLINE_S
    )
    told = [json.loads(line) for line in said.stdout.splitlines() if line.startswith("{")]
    assert len(told) == len(asked), f"Node told of {len(told)} cells of {len(asked)}:\n{said.stdout}\n{said.stderr}"
    return {cell["name"]: cell["error"] for cell in told}


def test_every_column_is_tested_by_every_client_of_python():
    for client in PYTHON.values():
        assert [column for column in COLUMNS if not hasattr(client, method(column))] == []
