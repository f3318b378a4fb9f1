"""What the programs of the tutorials share: where recordings are found, and where figures go."""

import argparse
import os
from pathlib import Path

import matplotlib.pyplot as plt


def arguments(text):
    """Return the folder for figures, and that of the recordings or None."""
    parser = argparse.ArgumentParser(description=text.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("tutorial"), help="folder for figures and results")
    parser.add_argument(
        "--shared", type=Path, default=os.environ.get("SYNCOPY_SHARED"), help="folder that holds recordings/"
    )
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    recordings = Path(given.shared or "") / "recordings"
    if not recordings.is_dir():
        print("no recordings (--shared, or SYNCOPY_SHARED): only what is synthetic")
        return given.out, None
    return given.out, recordings


def save(figure, path):
    """Save a figure as the documentation shows it."""
    figure.savefig(path, dpi=90)
    plt.close(figure)
    print(f"figure {path}")
