"""The registry: lazy entry points, the decorator, clashes, and what an absent or broken plugin says."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from geodesic_kit import decoders, densities, solvers
from geodesic_kit.errors import (
    BrokenPlugin,
    InvalidParameter,
    MissingPlugin,
    NameClash,
    PluginWarning,
    UnknownPlugin,
)
from geodesic_kit.registry import Registry

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a fake distribution: a module, its entry points in the group `geodesic_kit.toys`, and its
    metadata.
    """
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def add(distribution: str, entry_points: str, **modules: str) -> None:
        info = tmp_path / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[geodesic_kit.toys]\n{entry_points}\n")
        for name, source in modules.items():
            (tmp_path / f"{name}.py").write_text(source)

    yield add
    for name in set(sys.modules) - before:
        if name.startswith("toy_"):
            del sys.modules[name]


def test_a_plugin_is_imported_when_it_is_first_asked_for_and_once(install: Install) -> None:
    install("toy-one", "wood = toy_one:Wood", toy_one="class Wood: pass")
    toys = Registry("toys")
    assert toys.names() == ["wood"]
    assert "wood" in toys
    assert (len(toys), list(toys), repr(toys)) == (1, ["wood"], "<toys: wood>")
    assert "toy_one" not in sys.modules
    assert toys["wood"] is toys["wood"] is sys.modules["toy_one"].Wood
    assert toys.providers() == {"wood": "toy-one (toy_one:Wood)"}


def test_an_unknown_name_lists_what_there_is(install: Install) -> None:
    toys = Registry("toys")
    with pytest.raises(UnknownPlugin, match=r"no toy named 'tin'; there are none installed"):
        toys["tin"]
    install("toy-one", "wood = toy_one:Wood\nbrick = toy_one:Brick")
    with pytest.raises(UnknownPlugin, match=r"no toy named 'tin'; there are brick, wood") as caught:
        Registry("toys")["tin"]
    assert isinstance(caught.value, LookupError)


def test_the_decorator_registers_and_a_cell_run_again_replaces() -> None:
    toys = Registry("toys")

    @toys.register("mine")
    class Mine:
        pass

    first = Mine

    def run_the_cell_again() -> type:
        namespace: dict[str, object] = {"__name__": __name__}
        exec("class Mine: pass", namespace)
        again = namespace["Mine"]
        assert isinstance(again, type)
        again.__qualname__ = first.__qualname__
        return again

    assert toys["mine"] is first
    again = toys.register("mine")(run_the_cell_again())
    assert toys["mine"] is again
    toys.unregister("mine")
    assert "mine" not in toys
    with pytest.raises(UnknownPlugin, match="no toys named 'mine' was registered in this session"):
        toys.unregister("mine")


def test_another_class_of_a_registered_name_is_refused_and_both_are_named() -> None:
    toys = Registry("toys")

    @toys.register("mine")
    class First:
        pass

    class Second:
        pass

    with pytest.raises(
        NameClash,
        match=r"'mine' is already registered by .*First; choose another name for "
        r".*Second",
    ):
        toys.register("mine")(Second)
    assert toys["mine"] is First


def test_a_name_that_a_package_offers_cannot_be_registered(install: Install) -> None:
    install("toy-one", "wood = toy_one:Wood")

    class Wood:
        pass

    with pytest.raises(
        NameClash,
        match=r"'wood' is already offered by toy-one \(toy_one:Wood\); choose "
        r"another name for .*Wood",
    ):
        Registry("toys").register("wood")(Wood)


def test_two_packages_that_offer_one_name_are_both_named_and_neither_wins(install: Install) -> None:
    install(
        "toy-one", "wood = toy_one:Wood\nonly = toy_one:Only", toy_one="class Wood: pass\nclass Only: pass"
    )
    install("toy-two", "wood = toy_two:Wood", toy_two="class Wood: pass")
    toys = Registry("toys")
    with pytest.raises(NameClash) as caught:
        toys["wood"]
    assert "toy-one (toy_one:Wood)" in str(caught.value)
    assert "toy-two (toy_two:Wood)" in str(caught.value)
    assert "uninstall one of them" in str(caught.value)
    assert toys["only"].__name__ == "Only"


def test_two_packages_that_name_the_same_object_still_clash(install: Install) -> None:
    install("toy-one", "wood = toy_one:Wood", toy_one="class Wood: pass")
    install("toy-two", "wood = toy_one:Wood")
    with pytest.raises(
        NameClash,
        match=r"toy-one \(toy_one:Wood\) and toy-two|toy-two \(toy_one:Wood\) and "
        r"toy-one",
    ):
        Registry("toys")["wood"]


def test_the_kits_own_name_stays_the_kits_and_who_else_offers_it_is_told(install: Install) -> None:
    own = solvers["scipy"]
    install("toy-one", "scipy = toy_one:Mine", toy_one="raise SystemExit")
    (Path(sys.path[0]) / "toy_one-1.0.dist-info" / "entry_points.txt").write_text(
        "[geodesic_kit.solvers]\nscipy = toy_one:Mine\n"
    )
    registry = Registry("solvers")
    with pytest.warns(
        PluginWarning,
        match=r"solvers 'scipy' is the kit's own; what toy-one "
        r"\(toy_one:Mine\) offers under that name",
    ):
        assert registry["scipy"] is own
    assert registry["scipy"] is own  # told once
    assert "toy_one" not in sys.modules
    assert "toy-one (toy_one:Mine)" in registry.providers()["scipy"]


def test_a_package_that_names_the_kits_own_class_is_no_kit(install: Install) -> None:
    value = "geodesic_kit_plugins.densities.mog:MoG"
    install("toy-one", f"wood = {value}")
    install("toy-two", f"wood = {value}")
    with pytest.raises(NameClash, match=r"toy-one .* and toy-two|toy-two .* and toy-one"):
        Registry("toys")["wood"]


def test_a_missing_dependency_says_what_to_install(install: Install) -> None:
    install(
        "toy-one",
        "plain = toy_one:Plain\nextra = toy_one:Plain [glue,paint]",
        toy_one="import toy_glue_that_is_absent\nclass Plain: pass",
    )
    toys = Registry("toys")
    with pytest.raises(
        MissingPlugin,
        match=r"'plain' needs toy_glue_that_is_absent: pip install "
        r"toy_glue_that_is_absent",
    ):
        toys["plain"]
    with pytest.raises(
        MissingPlugin,
        match=r"'extra' needs toy_glue_that_is_absent: pip install "
        r"'toy-one\[glue,paint\]'",
    ) as caught:
        toys["extra"]
    assert isinstance(caught.value, ImportError)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("raise RuntimeError('glue is dry')", "cannot be imported: RuntimeError: glue is dry"),
        ("class Other: pass", "cannot be imported: AttributeError"),
        ("def :", "cannot be imported: SyntaxError"),
        ("raise SystemExit(3)", "cannot be imported: SystemExit: 3"),
        ("raise GeneratorExit", "cannot be imported: GeneratorExit"),
        (
            "class Own(BaseException): pass\nraise Own('two\\nlines')",
            "cannot be imported: toy_one.Own: two lines",
        ),
        (
            "class Dumb(Exception):\n    def __str__(self): 1 / 0\nraise Dumb",
            "cannot be imported: toy_one.Dumb: <exception str",
        ),
        ("Wood = 3", "is of type int; a plugin is a class or a function"),
    ],
)
def test_a_broken_plugin_says_whose_it_is(install: Install, source: str, text: str) -> None:
    install("toy-one", "wood = toy_one:Wood", toy_one=source)
    with pytest.raises(BrokenPlugin, match=rf"'wood' of toy-one \(toy_one:Wood\) {text}"):
        Registry("toys")["wood"]


def test_an_entry_point_to_a_module_that_is_not_there_is_broken_not_missing(install: Install) -> None:
    install("toy-one", "wood = toy_nowhere:Wood")
    with pytest.raises(BrokenPlugin, match="names the module 'toy_nowhere', which does not exist"):
        Registry("toys")["wood"]


def test_an_entry_point_into_a_package_that_is_not_there_is_broken_too(install: Install) -> None:
    install("toy-one", "wood = toy_nowhere.deep.module:Wood")
    with pytest.raises(BrokenPlugin, match="names the module 'toy_nowhere', which does not exist"):
        Registry("toys")["wood"]


def test_broken_missing_and_clashing_plugins_warn_and_the_rest_work(install: Install) -> None:
    install(
        "toy-one",
        "good = toy_good:Good\nbroken = toy_broken:Broken\nmissing = toy_missing:Missing\ntwice = "
        "toy_good:Good",
        toy_good="class Good: pass",
        toy_broken="1 / 0",
        toy_missing="import toy_glue_that_is_absent",
    )
    install("toy-two", "twice = toy_good:Good")
    with pytest.warns(PluginWarning) as caught:
        found = Registry("toys").available()
    assert list(found) == ["good"]
    assert sorted(str(warning.message).split("'")[1] for warning in caught) == ["broken", "missing", "twice"]


def test_the_kits_own_plugins_come_through_the_door_that_outsiders_use() -> None:
    assert densities.providers()["mog"] == "geodesic-kit (geodesic_kit_plugins.densities.mog:MoG)"
    assert {"scipy", "networkx", "cugraph"} <= set(solvers.names())
    assert isinstance(decoders.names(), list)


def test_a_name_is_a_text_and_a_plugin_is_callable() -> None:
    for name in (5, "", " "):
        with pytest.raises(ValueError, match="a plugin's name is a text"):
            densities.register(name)
    with pytest.raises(ValueError, match="a plugin is a class or a function"):
        densities.register("three")(3)
    assert "three" not in densities.names()


@pytest.mark.parametrize("name", [10**5000, ["a"], None], ids=["huge", "list", "none"])
def test_what_is_no_name_is_no_plugins(name: Any) -> None:
    registry = Registry("solvers")
    with pytest.raises(InvalidParameter, match=r"a plugin's name is a text"):
        registry.register(name)
    with pytest.raises(UnknownPlugin, match=r"no solvers named .* was registered"):
        registry.unregister(name)
    with pytest.raises(UnknownPlugin, match=r"no solver named .*; there are"):
        registry[name]
