"""`--version`, which an inventory of many shops asks for."""

from typer.testing import CliRunner

from gateway import __version__
from gateway.cli import COMMANDS, app_of


def test_the_version_is_told_without_a_command() -> None:
    done = CliRunner().invoke(app_of(COMMANDS), ["--version"])
    assert (done.exit_code, done.stdout) == (0, f"proximity-gateway {__version__}\n")
