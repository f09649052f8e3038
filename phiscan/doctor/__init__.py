"""What this machine and this configuration lack for the daemon to see everything and to tell somebody.

Nothing is written, sent or changed: folders are listed, files of ours are opened, the kernel is asked. Each part is
one module; what cannot be examined is a finding too, never an exception.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from phiscan.doctor.finding import Finding, Grade, Machine

if TYPE_CHECKING:
    from phiscan.config import Config


def examine(config: Config, machine: Machine | None = None) -> list[Finding]:
    """Return all there is to say of `config` on this machine, the gravest first."""
    from phiscan.doctor import contents, folders, keeping, readers, responding, service, telling

    machine = machine or Machine()
    unit = service.unit_of(machine)
    found = [
        *contents.examine(config),
        *folders.examine(config, machine),
        *keeping.examine(config, unit),
        *readers.examine(config),
        *telling.examine(config),
        *responding.examine(config, machine),
        *service.examine(unit, machine),
    ]
    return sorted(found, key=lambda one: -one.grade)


__all__ = ["Finding", "Grade", "Machine", "examine"]
