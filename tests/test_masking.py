"""Paths as they leave the machine."""

from __future__ import annotations

import pytest

from phiscan.content import recognizers_folder
from phiscan.incidents.masking import Masks
from phiscan.recognize.load import load_ruleset

MASKS = Masks(load_ruleset([recognizers_folder()]))


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (b"/srv/ftp/export/2021/labo.csv", "/srv/ftp/export/2021/labo.csv"),
        (b"/srv/ftp/export/CR_DUPONT_Marie_VIH.pdf", "/srv/ftp/export/•••.pdf"),
        (b"/srv/ftp/DUPONT Marie/bilan.csv", "/srv/ftp/•••/bilan.csv"),
        (b"/srv/ftp/285037800608409.tar.gz", "/srv/ftp/•••.tar.gz"),
        (b"/srv/ftp/ne 12.03.1985/a", "/srv/ftp/•••/a"),
        (b"/srv/ftp/VIH/a.csv", "/srv/ftp/•••/a.csv"),
        (b"/srv/ftp/r\xe9sultat.csv", "/srv/ftp/r\\xe9sultat.csv"),
        (b"/srv/ftp", "/srv/ftp"),
        (b"/ailleurs/CR_DUPONT_Marie.pdf", "/ailleurs/•••.pdf"),
    ],
)
def test_masked(path: bytes, shown: str) -> None:
    assert MASKS.masked(path, b"/srv/ftp") == shown
