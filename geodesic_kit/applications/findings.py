"""What a diagnosis is made of: findings, each with what was measured and what to change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Diagnosis", "Finding"]


@dataclass(frozen=True)
class Finding:
    """One failure signature: its name, what was measured, and what to change."""

    name: str
    measured: str
    advice: str

    def __str__(self) -> str:
        return f"{self.name}: {self.measured}; {self.advice}"


@dataclass(frozen=True)
class Diagnosis:
    """The failure signatures that a graph shows, none where `ok`; `looked_at` names those that could be
    looked for.
    """

    findings: tuple[Finding, ...]
    looked_at: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True where nothing was found."""
        return not self.findings

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __contains__(self, name: object) -> bool:
        return any(finding.name == name for finding in self.findings)

    def __repr__(self) -> str:
        head = f"Diagnosis: {len(self.findings) or 'nothing'} found, looked for {', '.join(self.looked_at)}"
        return "\n".join([head, *(f"  {finding}" for finding in self.findings)])
