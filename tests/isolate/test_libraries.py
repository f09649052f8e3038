"""What workers do to load libraries cheaply, and that it harms nobody else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.running import ROOT

ALONE = """
import sys
from phiscan.isolate.libraries import load_arrow
load_arrow()
import pyarrow as pa
import numpy as np
assert pa.array(["a", None]).to_pylist() == ["a", None]
assert pa.array(np.array([1, 2])).to_numpy().tolist() == [1, 2]
assert "pandas" not in sys.modules
import pandas as pd
print(pd.DataFrame({"a": [1, 2]})["a"].sum())
"""

AFTER_PANDAS = """
import pandas as pd
from phiscan.isolate.libraries import load_arrow
load_arrow()
import pyarrow as pa
print(pa.table({"a": [1, 2]}).to_pandas()["a"].sum())
"""

SCANNED = """
import os, sys
from pathlib import Path
from phiscan.model import Limits
from phiscan.recognize.load import load_ruleset
from phiscan.scan.scanner import Scanner
from phiscan.seal import Sealer
scanner = Scanner(load_ruleset([Path("recognizers")]), Sealer.ephemeral(), Limits())
path = "tests/corpus/share/exports/patients_2020.csv"
file = os.open(path, os.O_RDONLY)
answer, _ = scanner.task(file, {"name": "patients_2020.csv", "size": os.path.getsize(path)})
assert answer["parts"][0]["tally"]["records"] > 1
print("pandas" in sys.modules, "pyarrow" in sys.modules)
"""


@pytest.mark.parametrize(("code", "said"), [(ALONE, "3"), (AFTER_PANDAS, "3"), (SCANNED, "False True")])
def test_arrow_comes_without_pandas_unless_it_is_there(code: str, said: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == (said, "")
