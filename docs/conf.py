"""How `make docs` builds the site from README, guides, notebooks and docstrings, without a network.

The source folder is the root of the repository, so that a link between two files is the same here and there.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))

project = "Geodesic Kit"
author = "the developers of Geodesic Kit"
root_doc = "README"
include_patterns = [
    "README.md",
    "CONTRIBUTING.md",
    "benchmarks/*.md",
    "data/README.md",
    "docs/*.rst",
    "docs/guides/*.md",
    "docs/reference/*.rst",
    "notebooks/*.ipynb",
    "notebooks/claims.md",
    "plugins/README.md",
]
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "extensions.docstrings",
    "sphinx.ext.napoleon",  # after it: what has sections is read as numpydoc's
    "extensions.mathml",
    "extensions.pages",
]
nb_execution_mode = "off"  # the committed outputs are what was checked
suppress_warnings = [
    "mystnb.unknown_mime_type"
]  # a claim's row is for the ledger, which is a page of its own
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
html_math_renderer = "mathml"
autodoc_typehints = "none"  # shapes and types are in the docstrings
napoleon_use_ivar = True  # attributes as a list, like parameters

html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["site.css"]
html_extra_path = ["../build/live"]
html_copy_source = False
