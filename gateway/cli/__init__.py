"""The commands of `proximity-gateway`: one file a command, and the only place that prints.

Machine-readable output is one JSON object a line on stdout, messages go to stderr. Exit status: 0 ok, 1 found a
problem, 2 bad usage or input.
"""

import typer

from gateway.cli.check import check
from gateway.cli.decode import decode
from gateway.cli.evaluate import evaluate
from gateway.cli.explain import explain
from gateway.cli.outbox import outbox
from gateway.cli.replay import replay
from gateway.cli.run import run

app = typer.Typer(
    name="proximity-gateway",
    help="An in-store proximity gateway.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(check)
app.command()(decode)
app.command()(evaluate)
app.command()(explain)
app.command()(outbox)
app.command()(replay)
app.command()(run)


def main() -> None:
    """Run the command that the arguments name."""
    app()
