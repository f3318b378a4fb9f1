"""Sphinx configuration; the pages of verbs and methods are written from the methods' own models before each build."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from reference_pages import write_reference

project = "Syncopy"
author = "The Syncopy developers"
release = version = installed_version("syncopy")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.doctest"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "none"
napoleon_google_docstring = False
exclude_patterns = ["_build", "methods"]
html_theme = "furo"
html_title = f"Syncopy {release}"
templates_path: list[str] = []


def setup(app):
    """Write the generated pages when the build starts."""
    app.connect("builder-inited", lambda app: write_reference(Path(app.srcdir) / "reference"))
