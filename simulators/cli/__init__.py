"""The simulators' commands: one file each. JSON for machines on stdout, words for people on stderr."""

import typer

from simulators.cli.capture import capture
from simulators.cli.cluster import cluster
from simulators.cli.command import command
from simulators.cli.consumer import consumer
from simulators.cli.coupon import coupon
from simulators.cli.credential import credential
from simulators.cli.demo import demo
from simulators.cli.fleet import fleet
from simulators.cli.head_office import head_office
from simulators.cli.play import play
from simulators.cli.sign import sign

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.command()(capture)
app.command()(cluster)
app.command()(command)
app.command()(consumer)
app.command()(coupon)
app.command()(credential)
app.command()(demo)
app.command()(fleet)
app.command("head-office")(head_office)
app.command()(play)
app.command()(sign)


def main() -> None:
    """Run the command that the arguments name."""
    app(prog_name="simulators")
