"""Values of parameters: what YAML may say, what is refused before anything runs, and text that stays text in
a kernel.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from papermill.translators import PythonTranslator

from geodesic_kit.errors import InvalidParameter
from geodesic_kit.paper.runs.values import plain, read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.01", 0.01),
        ("1e-3", 1e-3),
        ("-2E+3", -2000.0),
        (".5", 0.5),
        ("3", 3),
        ("1_000", 1000),
        ("0x1F", 31),
        ("true", True),
        ("no", False),
        ("abc", "abc"),
        ("", None),
        ("None", None),
        ("a=b=c", "a=b=c"),
        ("=", "="),
        ("'None'", "None"),
        ('"a, b"', "a, b"),
        ("null", None),
        ("[1e-3, 2]", [1e-3, 2]),
        ("{a: {b: [x]}}", {"a": {"b": ["x"]}}),
        ("'5'", "5"),
        ("!!str 5", "5"),
        # What YAML has further kinds for is a text here.
        ("2020-01-01", "2020-01-01"),
        ("1:30", "1:30"),
        ("{1: a, null: b, no: c}", {"1": "a", "null": "b", "no": "c"}),
        ("{<<: {a: 1}}", {"<<": {"a": 1}}),
    ],
)
def test_values_are_yaml_with_numbers_as_people_write_them(text: str, value: Any) -> None:
    assert read(text) == value
    assert type(read(text)) is type(value)
    assert json.loads(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1, 2", "cannot be read as YAML"),
        ("a: b: c", "cannot be read as YAML"),
        ("--- 1\n--- 2", "cannot be read as YAML"),
        ("\x00", "cannot be read as YAML"),
        ("!!int x", "cannot be read as YAML"),
        *(
            (text, "cannot be read as YAML")
            for text in ("!!bool x", "!!int ''", "!!int '-'", "!!float ''", "!<tag:yaml.org,2002:bool> q")
        ),
        ("!!seq {a: 1}", "cannot be read as YAML"),
        ("{[1]: 2}", "cannot be read as YAML"),
        ("{a: 1, a: 2}", "the key 'a' is there twice"),
        ("9" * 5000, "cannot be read as YAML"),
        ("9" * 30, "a whole number of 100 bits"),
        (".nan", "holds nan; give finite numbers"),
        ("[1, -.inf]", "holds -inf; give finite numbers"),
        ("1e400", "holds inf; give finite numbers"),
        ("!!binary aGk=", "has the YAML tag 'tag:yaml.org,2002:binary'"),
        ("[!!binary aGk=]", "has the YAML tag 'tag:yaml.org,2002:binary'"),
        ("!!timestamp 2020-01-01", "has the YAML tag"),
        ("!!set {a, b}", "has the YAML tag"),
        ("!!omap [a: 1]", "has the YAML tag"),
        ("!!python/object/apply:os.system ['id']", "has the YAML tag"),
        ("!!python/tuple [1]", "has the YAML tag"),
        ("!mine 1", "has the YAML tag '!mine'"),
        ("[&a [1, 2], *a]", "anchors and aliases"),
        ("{a: &b {c: 1}, <<: *b}", "anchors and aliases"),
        ("[" * 5000, "nested more than 20 deep"),
        ("{a: " * 30 + "1" + "}" * 30, "nested more than 20 deep"),
        ("[" + "1," * 20_000 + "]", "more than 10,000 entries"),
        ("x" * 200_000, "200,000 characters long"),
        (r'"\ud800"', "not Unicode"),
    ],
)
def test_what_is_no_plain_value_is_refused_in_one_line(text: str, reason: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        read(text, "-p xs")
    told = str(caught.value)
    assert told.startswith("-p xs ")
    assert reason in told
    assert len(told) < 300
    assert "\n" not in told


@pytest.mark.parametrize(
    ("entry", "value"),
    [(np.int64(3), 3), (np.float32(0.5), 0.5), (np.bool_(True), True), (np.str_("a"), "a")],
)
def test_numbers_of_numpy_are_taken_as_pythons(entry: Any, value: Any) -> None:
    assert plain([entry], "xs") == [value]
    assert type(plain(entry, "xs")) is type(value)


@pytest.mark.parametrize(
    "entry",
    [
        b"a",
        (1, 2),
        {1, 2},
        1j,
        datetime.date(2020, 1, 1),
        np.arange(3),
        Path("a"),
        {1: 2},
        object(),
        np.float64("nan"),
        2**70,
        "\ud800",
    ],
)
def test_other_kinds_are_refused_by_name(entry: Any) -> None:
    for held in (entry, [entry], {"a": [entry]}):
        with pytest.raises(InvalidParameter, match=r"^xs (holds|has a key)"):
            plain(held, "xs")


def test_a_list_that_holds_itself_is_refused() -> None:
    xs: list[Any] = []
    xs.append(xs)
    with pytest.raises(InvalidParameter, match="nested more than 20 deep"):
        plain(xs, "xs")


@pytest.mark.parametrize(
    "text",
    [
        '"',
        "'",
        '\\"',
        "\\",
        '"""',
        "a\nb",
        "\r",
        "\u2028",
        "\x00",
        "{x}",
        "é\U0001f600",
        '"); import os; ("',
        "#",
    ],
)
def test_a_text_is_the_same_text_in_the_kernel(text: str) -> None:
    value = [text, {text: text}]
    source = PythonTranslator.codify({"xs": plain(value, "xs")})
    names: dict[str, Any] = {}
    exec(source, names)
    assert names["xs"] == value


@pytest.mark.parametrize(
    "text",
    ["None", "True", "False", "3", "-2", "0.5", "1e-3", "2020-01-01", "a text", "a=b", "12:30", "/a/b.csv"],
)
def test_plain_values_are_what_papermill_reads(text: str) -> None:
    from papermill.cli import _resolve_type

    assert read(text) == _resolve_type(text)
    assert type(read(text)) is type(_resolve_type(text))
