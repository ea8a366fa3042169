"""The chairs, made again: `python -m geodesic_kit.datasets.building.chairs [FOLDER [PACKAGE]]` writes
dataset-chairs.npz, by default into data/, from the package, which is downloaded where it is not given.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...base import pretrained
from ...base.cards import save_arrays
from ...errors import TruncatedFileError
from ...types import Ints, Points, Values
from .debian import Package
from .rasteriser import drawn
from .wavefront import read_obj

__all__ = ["IDS", "PACKAGE", "make_chairs", "views"]

PACKAGE = Package(
    "sweethome3d-furniture", "1.8-1", "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668"
)
_MODELS = "usr/share/sweethome3d/furniture/BlendSwap-CC-0.sh3f"  # a zip, all of it CC0
_CATALOGUE = "PluginFurnitureCatalog.properties"
# Numbers in its catalogue: all seats whose picture tells the angle, none like another one.
IDS = (1, 31, 65, 79, 93, 99, 101, 108, 125, 143)

SIDE, STEP = 32, 5  # pixels; degrees
_FINER = 6  # samples along a pixel's side: thin legs are a part of their pixel
_RIM = 0.5  # pixels that stay empty around a turned chair
_ELEVATION = np.radians(20)  # the viewer looks down by
_LIGHT = np.array([-0.45, 0.75, 0.6])  # from the left, above and the viewer
_AMBIENT = 0.25


def make_chairs(folder: str | Path = "data", package: str | Path | None = None) -> Path:
    """Render all chairs and write them with their card into the folder; about a minute and a half on one
    core.

    Raises FetchError, HashMismatch, TruncatedFileError and InvalidParameter.
    """
    content = PACKAGE.files([_MODELS], package)[_MODELS]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            catalogue = archive.read(_CATALOGUE).decode("latin1")
            told = [_entry(catalogue, number) for number in IDS]
            models = [archive.read(one["model"]).decode("latin1") for one in told]
    except (KeyError, zipfile.BadZipFile) as err:
        raise TruncatedFileError(f"{_MODELS} does not hold what it should ({err}); fetch it again") from err
    angles = np.arange(0, 360, STEP)
    pictures = [
        views(*read_obj(text, one["model"]), np.radians(angles))
        for text, one in zip(models, told, strict=True)
    ]
    arrays: dict[str, NDArray[Any]] = {
        "pictures": np.rint(255 * np.concatenate(pictures)).astype(np.uint8),
        "chair": np.repeat(np.arange(len(IDS), dtype=np.uint8), len(angles)),
        "angle": np.tile(angles.astype(np.uint16), len(IDS)),
    }
    card: dict[str, Any] = {
        "plugin": "dataset",
        "source": "rendered from ten models of Debian's sweethome3d-furniture, CC0",
        "licence": "CC0 1.0, the models and their pictures",
        "models": told,
        "package": PACKAGE.told(),
        "made_by": "python -m geodesic_kit.datasets.building.chairs",
    }
    return save_arrays(Path(folder) / pretrained.filename("dataset", "chairs", ".npz"), arrays, card)


def views(corners: Points, faces: list[Ints], angles: Values) -> Points:
    """Pictures (n, 32, 32), in [0, 1] on 0, of a surface turned about its upright axis by angles (n,), in
    radians: at 0 its front, towards +z, faces the viewer, then turns to the viewer's right.

    Seen from far away and a little above, each face in one grey by its slope; as large as its whole turn
    leaves room for.
    """
    used = np.unique(np.concatenate(faces))
    corners = corners - (corners[used].min(axis=0) + corners[used].max(axis=0)) / 2
    whole = np.radians(np.arange(0, 360, STEP))
    reach = max(float(np.abs(_seen(corners[used], angle)[:, :2]).max()) for angle in whole)
    scale = (SIDE / 2 - _RIM) / reach
    # Newell's normal of each face, which need not be flat; either side of it is lit.
    normals = np.stack([np.cross(corners[face], np.roll(corners[face], -1, axis=0)).sum(0) for face in faces])
    normals /= np.maximum(np.linalg.norm(normals, axis=1), np.finfo(float).tiny)[:, None]
    triangles = np.concatenate([_fan(face) for face in faces])
    owner = np.repeat(np.arange(len(faces)), [len(face) - 2 for face in faces])
    light = _LIGHT / np.linalg.norm(_LIGHT)
    pictures = []
    for angle in angles:
        at, slope = _seen(corners, angle), _seen(normals, angle)
        lit = np.where(slope[:, 2] < 0, -1, 1) * (slope * light).sum(axis=1)
        shade = _AMBIENT + (1 - _AMBIENT) * np.clip(lit, 0, 1)
        screen = np.stack(
            [SIDE / 2 + scale * at[:, 0], SIDE / 2 - scale * at[:, 1], -scale * at[:, 2]], axis=1
        )
        pictures.append(drawn(screen, triangles, shade[owner], SIDE, finer=_FINER))
    return np.stack(pictures)


def _seen(x: Points, angle: float) -> Points:
    """x (n, 3), y up, turned by the angle: right, up and towards the viewer."""
    right = np.cos(angle) * x[:, 0] + np.sin(angle) * x[:, 2]
    near = np.cos(angle) * x[:, 2] - np.sin(angle) * x[:, 0]
    up = np.cos(_ELEVATION) * x[:, 1] - np.sin(_ELEVATION) * near
    return np.stack([right, up, np.sin(_ELEVATION) * x[:, 1] + np.cos(_ELEVATION) * near], axis=1)


def _fan(face: Ints) -> Ints:
    """Triangles of a face about its first corner."""
    return np.stack([np.full(len(face) - 2, face[0]), face[1:-1], face[2:]], axis=1)


def _entry(catalogue: str, number: int) -> dict[str, Any]:
    """What the catalogue says of a model: name, creator, and its file in the zip. Raises KeyError."""
    found: dict[str, Any] = {"id": number}
    for key in ("name", "creator", "model"):
        line = re.search(rf"^{key}#{number}=(.*)$", catalogue, re.MULTILINE)
        if line is None:
            raise KeyError(f"{key}#{number}")
        found[key] = line[1].strip().removeprefix("/")
    return found


if __name__ == "__main__":
    print(make_chairs(*sys.argv[1:3]))
