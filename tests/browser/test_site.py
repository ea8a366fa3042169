"""The site in a real browser: its pages fit a phone and a desk, draw their formulas, and load nothing from
elsewhere. `make docs` builds it first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

SITE = Path(__file__).parents[2] / "build" / "site"
PAGES = [
    "index",
    "live",
    "docs/gallery",
    "docs/api",
    "docs/reference/geodesic_kit.GenerativeGeodesics",
    "docs/reference/geodesic_kit.geodesic",
    "notebooks/2.1-generative-geodesics",
    "notebooks/claims",
]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_loads_nothing_from_elsewhere(
    browser: Any, screens: Path, name: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda asked: asked.url.startswith((SITE.as_uri(), "data:")) or told.append(asked.url))
    page.on("requestfailed", lambda asked: told.append(asked.url))
    try:
        page.goto((SITE / f"{name}.html").as_uri())
        page.screenshot(path=screens / f"site-{Path(name).name}-{width}.png")
        assert told == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if name.startswith("notebooks/2.1"):
            assert page.locator("math").count() > 3
            assert page.locator(".prev-page, .next-page").count() == 2
    finally:
        page.close()
