"""One fictitious report that has everything: a leak, a copy for named accounts, a leaflet, gaps, exclusions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from phiscan.model import Exposure, Kind, Level, Reason, Severity, Where
from phiscan.report.model import (
    CategoryReport,
    ExcludedReport,
    FileReport,
    GapReport,
    PersonCount,
    Report,
    RuleReport,
    Sample,
    Totals,
)

LEAK = FileReport(
    path="/srv/ftp/pub/export.csv",
    size=126_827_832,
    type="text/csv",
    status="scanned",
    exposure=Exposure(
        Level.PUBLIC, (Reason("vsftpd", "anonymous_enable=YES", "/etc/vsftpd.conf:12", zone="/srv/ftp"),)
    ),
    severity=Severity.CRITICAL,
    rules=(
        RuleReport(
            "public.identified-health",
            1,
            Severity.CRITICAL,
            {"fr": "Des données de santé sont lisibles par n'importe qui", "en": "Health data can be read by anyone"},
            {"fr": "Fermer l'accès.", "en": "Close the access."},
        ),
    ),
    content="k1:9f3c",
    records=491_840,
    persons=PersonCount(491_840),
    identified_health_persons=PersonCount(61_566, exact=False),
    categories={
        "nir": CategoryReport(Kind.IDENTIFIER, 491_840, 491_840),
        "hiv": CategoryReport(Kind.HEALTH, 17_356, 17_356, {"affirmed": 16_000, "negated": 1_356}),
        "blood_group": CategoryReport(Kind.HEALTH, 44_210, 44_210, {"affirmed": 44_210}),
    },
    samples=(Sample("nir", "FR_NIR", "fr.nir", 0.95, Where(row=2, column="NUM_SECU"), "2 85 02 •• ••• ••• ••"),),
)
COPY = FileReport(
    path="/srv/samba/labo/export.zip!=cmd.csv",
    size=12,
    type="text/csv",
    status="partial",
    exposure=Exposure(Level.RESTRICTED, (Reason("posix", "mode 0640", "/srv/samba/labo"),)),
    severity=Severity.INFO,
    rules=(RuleReport("restricted.identified-health", 1, Severity.INFO, {"fr": "Réservé", "en": "Reserved"}),),
    content="k1:77aa",
    records=1,
    persons=PersonCount(1),
    identified_health_persons=PersonCount(1),
    categories={"cancer": CategoryReport(Kind.HEALTH, 1, 1, {"affirmed": 1})},
)
CLEAN = FileReport(
    path="/srv/ftp/pub/\x1b[31m<b>lisez\u202emoi</b>.txt",
    size=0,
    type="text/plain",
    status="scanned",
    exposure=Exposure(Level.UNKNOWN),
    content="k1:00",
)


@pytest.fixture
def report() -> Report:
    """The report."""
    return Report(
        ruleset="sha256:ab",
        roots=("/srv/ftp", "/srv/samba"),
        started=datetime(2026, 11, 21, 17, 0, 0, tzinfo=UTC),
        ended=datetime(2026, 11, 21, 17, 0, 4, 900_000, tzinfo=UTC),
        totals=Totals(files=4, bytes=126_900_123, scanned=2, encrypted=1, gaps=2, persons=491_840),
        files=(CLEAN, COPY, LEAK),
        gaps=(
            GapReport("/srv/ftp/pub/scan.pdf", "extract", "malformed", "xref table not found"),
            GapReport("/srv/samba/labo/export.zip!=cmd.csv", "extract", "timeout"),
        ),
        excluded=(ExcludedReport("/srv/ftp/.snapshot/", "default"), ExcludedReport("*.iso", "phiscan.yaml:7", 3)),
    )
