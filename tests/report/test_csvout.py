"""The CSV report opens in French Excel, and no cell of it is ever a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.report.csvout import COLUMNS, neutral, write_csv
from phiscan.report.model import Report


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_csv(report: Report) -> None:
    text = "".join(write_csv(report))
    assert text.startswith("\ufeff" + ";".join(COLUMNS) + "\r\n")
    rows = _rows(text.removeprefix("\ufeff"))
    assert [row["path"] for row in rows] == [
        "/srv/ftp/pub/export.csv",
        "/srv/samba/labo/export.zip!=cmd.csv",
        report.files[0].path,
        "/srv/ftp/pub/scan.pdf",
    ]
    assert rows[0] == {
        "severity": "critical",
        "path": "/srv/ftp/pub/export.csv",
        "exposure": "public",
        "reasons": "vsftpd anonymous_enable=YES (/etc/vsftpd.conf:12)",
        "status": "scanned",
        "persons": "491840",
        "persons_exact": "true",
        "identified_health_persons": "61566",
        "identified_health_persons_exact": "false",
        "records": "491840",
        "categories": "nir=491840/491840, hiv=17356/17356, blood_group=44210/44210",
        "rules": "public.identified-health",
        "accepted": "",
        "gaps": "",
        "size": "126827832",
        "type": "text/csv",
        "content": "k1:9f3c",
    }
    assert rows[1]["gaps"] == "timeout"
    assert {key: value for key, value in rows[3].items() if value} == {
        "path": "/srv/ftp/pub/scan.pdf",
        "status": "gap",
        "gaps": "malformed: xref table not found",
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_formula_is_neutralised(start: str) -> None:
    assert neutral(f"{start}SUM(A1)") == f"'{start}SUM(A1)"


def test_anything_else_is_left(report: Report) -> None:
    assert neutral("/srv/a=b") == "/srv/a=b"


@given(st.text())
def test_no_cell_starts_a_formula(cell: str) -> None:
    assert not neutral(cell).startswith(("=", "+", "-", "@"))
