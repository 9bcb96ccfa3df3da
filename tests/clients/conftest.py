"""What all tests of real clients share: one demo with its simulated providers, and the table of what passed."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rig import table  # noqa: E402  # found by the line above
from rig.processes import Gateways, binary  # noqa: E402
from rig.simulator import Simulator  # noqa: E402

DOCUMENT = Path(__file__).parents[2] / "docs/reference/clients.md"


def pytest_addoption(parser):
    parser.addoption("--write-doc", action="store_true", help="write the table to docs/reference/clients.md")


@pytest.fixture(scope="session")
def gateways(tmp_path_factory):
    """The gateway under test, in three processes."""
    running = Gateways(binary(), tmp_path_factory.mktemp("gateways"))
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def simulator(gateways):
    """The simulated providers behind it, with nothing remembered."""
    simulator = Simulator(gateways.simulator_url)
    simulator.forget()
    return simulator


def pytest_runtest_logreport(report):
    properties = dict(report.user_properties)
    if report.when == "call" and "row" in properties:
        mark = properties["mark"] if report.passed else table.FAILED
        table.note(properties["row"], properties["column"], mark)


def pytest_terminal_summary(terminalreporter):
    if not table.is_empty():
        terminalreporter.section("clients x features")
        terminalreporter.write_line(table.as_text())


def pytest_sessionfinish(session):
    """Writes the table down if it was asked for; one with holes or failures is not written."""
    if session.config.getoption("--write-doc", default=False):
        if table.is_complete():
            DOCUMENT.write_text(table.as_document())
        else:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
