"""The words of an incident's two axes and of dismissals: what flags accept and the store holds."""

from __future__ import annotations

from typing import Final, Literal

State = Literal["new", "acknowledged", "resolved", "dismissed"]
Resolution = Literal["gone", "encrypted", "unexposed", "changed", "excluded", "person", "quarantined", "unseen"]
Qualification = Literal["to_qualify", "not_a_breach", "register_only", "to_notify", "notified"]
Dismissal = Literal["false_positive", "test_data", "authorised"]
Scope = Literal["file", "folder", "zone"]
# What happens to an incident. "grown": more persons, another category or a wider exposure than before.
# "read": the logs tell of somebody who had not read it, or not all of it. "preserved": a sealed copy was made.
EventKind = Literal[
    "opened", "reopened", "grown", "moved", "inherited", "acknowledged", "resolved", "dismissed", "undismissed",
    "qualified", "reminded", "responded", "read", "preserved",
]  # fmt: skip
STATES: Final = ("new", "acknowledged", "resolved", "dismissed")
QUALIFICATIONS: Final = ("to_qualify", "not_a_breach", "register_only", "to_notify", "notified")
DISMISSALS: Final = ("false_positive", "test_data", "authorised")
SCOPES: Final = ("file", "folder", "zone")
EVENTS: Final = (
    "opened", "reopened", "grown", "moved", "inherited", "acknowledged", "resolved", "dismissed", "undismissed",
    "qualified", "reminded", "responded", "read", "preserved",
)  # fmt: skip
RESOLUTIONS: Final = ("gone", "encrypted", "unexposed", "changed", "excluded", "person", "quarantined", "unseen")
OPEN: Final = ("new", "acknowledged")
