"""The commands of phiscan, one module each. A command that is not here does not exist in this version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phiscan.commands import check, explain, scan

if TYPE_CHECKING:
    import typer


def register(app: typer.Typer) -> None:
    """Give `app` every command."""
    for name, function in (("scan", scan.scan), ("check", check.check), ("explain", explain.explain)):
        app.command(name, help=f"help.{name}", short_help=f"help.{name}.short", epilog=f"help.{name}.examples")(
            function
        )
