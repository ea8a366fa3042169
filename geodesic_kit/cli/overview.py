"""The commands at a glance, those for users before the maintainers': what `--help` shows, also in an
installation that has no command yet.
"""

from __future__ import annotations

__all__ = ["EXAMPLES", "GROUPS", "PURPOSE", "text"]

PURPOSE = (
    "Distances and shortest paths under a learned density: run the notebooks with your parameters, "
    "compare what they measured, train models."
)

# Group -> command -> one line.
GROUPS: dict[str, dict[str, str]] = {
    "Commands": {
        "list": "what notebooks there are, or one's parameters with defaults and help",
        "run": "run notebooks, with parameters of yours",
        "sweep": "run a notebook for every combination of values; ends with a table and a figure",
        "compare": "two folders of results, row by row; or notebooks with their committed outputs",
        "reproduce": "run every notebook and print the ledger",
        "lab": "open the notebooks in JupyterLab on this machine",
        "explore": "explore points of yours in the browser, without JupyterLab",
        "claims": "print what the committed notebooks measured",
        "plugins": "list densities, solvers and decoders, and what is missing to use them",
        "datasets": "list the data sets, or fetch those that must be fetched",
        "train": "train a density or a decoder, on your points too",
    },
    "For maintainers": {
        "refresh": "run notebooks where they lie and keep their outputs",
        "archive": "write what archives read: codecheck.yml, codemeta.json, hashed requirements",
        "second-seed": "run some notebooks, rotating by commit, at another seed",
    },
}

EXAMPLES = (
    "geodesic-kit list 2.2",
    "geodesic-kit run 2.2 -p lam=0.01",
    "geodesic-kit sweep 2.2 -p lam=0.01,0.03,0.1 -p seed=0:5 --jobs 2",
    "geodesic-kit compare results elsewhere/results",
    "geodesic-kit run explorer -p dataset=points.csv",
    "geodesic-kit explore points.csv",
)


def text() -> str:
    """The overview as `geodesic-kit --help` shows it where commands cannot run."""
    width = max(len(name) for commands in GROUPS.values() for name in commands)
    lines = ["Usage: geodesic-kit COMMAND", "", PURPOSE]
    for title, commands in GROUPS.items():
        lines += ["", f"{title}:", *(f"  {name:{width}}  {line}" for name, line in commands.items())]
    lines += ["", "Examples:", *(f"  {line}" for line in EXAMPLES), ""]
    return "\n".join([*lines, "Commands need more than the core: pip install 'geodesic-kit[notebooks]'"])
