"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with recordings, FieldTrip oracles and reference files; absent on a plain checkout, never in CI."""
    folder = Path(os.environ.get("SYNCOPY_SHARED", ROOT / ".." / "shared")).resolve()
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the shared folder is missing: {folder} (set SYNCOPY_SHARED)")
        pytest.skip(f"no shared folder at {folder}; set SYNCOPY_SHARED to run this test")
    return folder
