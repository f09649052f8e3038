"""The commands of phiscan, one module each. A command that is not here does not exist in this version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phiscan.commands import (
    alert_test,
    check,
    coverage,
    doctor,
    explain,
    incidents,
    init,
    purge,
    scan,
    watch,
    zones,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import typer


def register(app: typer.Typer) -> None:
    """Give `app` every command."""
    commands: dict[str, Callable[..., int]] = {
        "scan": scan.scan,
        "watch": watch.watch,
        "check": check.check,
        "explain": explain.explain,
    }
    commands |= {"coverage": coverage.coverage, "alert-test": alert_test.alert_test}
    commands |= {"doctor": doctor.doctor, "init": init.init, "purge": purge.purge}
    commands |= {"zones": zones.zones}
    app.add_typer(incidents.app, name="incidents")
    for name, function in commands.items():
        app.command(name, help=f"help.{name}", short_help=f"help.{name}.short", epilog=f"help.{name}.examples")(
            function
        )
