"""`python -m gateway`: the same as the `proximity-gateway` command."""

from gateway.cli import main

main()
