"""The kit's own errors and warnings: each names the thing, the choices and the next step."""

__all__ = [
    "BrokenPlugin",
    "ClaimFailed",
    "ClusterError",
    "ComponentsNotice",
    "ContrastError",
    "ContrastWarning",
    "DataError",
    "DisconnectedError",
    "DuplicatePointsError",
    "FallbackNotice",
    "FetchError",
    "FileError",
    "GeodesicKitError",
    "GraphError",
    "HashMismatch",
    "IncompleteGeodesic",
    "InvalidParameter",
    "MissingPlugin",
    "NameClash",
    "NoGPUError",
    "NoSuchFile",
    "NotADensityError",
    "NotNormalisedError",
    "PluginError",
    "PluginWarning",
    "QuadratureWarning",
    "RefinementNotice",
    "RunFailed",
    "TooLittleMemoryError",
    "TruncatedFileError",
    "UnknownName",
    "UnknownPlugin",
    "UnweightedError",
    "shown",
]


class GeodesicKitError(Exception):
    """Base of every error the kit raises on purpose."""


class InvalidParameter(GeodesicKitError, ValueError):
    """A parameter is out of its range: negative, zero, NaN, of the wrong type or contradicting another."""


class DataError(GeodesicKitError, ValueError):
    """Points are not a finite float array of shape (n, d) with n >= 1."""


class DuplicatePointsError(DataError):
    """Two vertices coincide, so an edge would have length zero."""


class IncompleteGeodesic(DataError):
    """A geodesic leaves the region where its metric is regular before it comes to its end."""


class NotADensityError(GeodesicKitError, TypeError, ValueError):
    """The object offers no log-density, or returned NaN, +inf or the wrong shape."""


class NotNormalisedError(GeodesicKitError, ValueError):
    """Absolute lam and p0 have no meaning for an unnormalised density."""


class ContrastError(GeodesicKitError, ValueError):
    """log c spans more than float64 holds: `power=` or `lam=` must change."""


class GraphError(GeodesicKitError, ValueError):
    """Edges or weights do not form a graph over the points."""


class UnweightedError(GraphError):
    """The graph has no weights yet: call `.weigh(metric)`."""


class DisconnectedError(GraphError):
    """No path joins the two vertices."""


class TooLittleMemoryError(GeodesicKitError, MemoryError):
    """The result would not fit: use `limit=`, `sources=`, `dtype=` or a memmap `out=`."""


class UnknownName(GeodesicKitError, LookupError):
    """No such data set, notebook, claim or preset."""


class UnknownPlugin(UnknownName):
    """No plugin of that name is installed."""


class MissingPlugin(GeodesicKitError, ImportError, LookupError):
    """The plugin is known, its dependency is not installed."""


class BrokenPlugin(GeodesicKitError, ImportError):
    """The plugin's module raised while it was imported."""


class PluginError(GeodesicKitError, ValueError):
    """A solver, metric or density raised, or returned what its protocol rules out or its own results
    contradict.
    """


class NameClash(GeodesicKitError, ValueError):
    """Two providers offer one name."""


class NoGPUError(GeodesicKitError, RuntimeError):
    """A CUDA device was asked for and there is none."""


class ClusterError(GeodesicKitError, RuntimeError):
    """A cluster does not answer, has no workers, or workers that have another kit."""


class FetchError(GeodesicKitError, OSError):
    """A data file could not be fetched from any of its sources."""


class FileError(GeodesicKitError, OSError):
    """A file cannot be written or read: no right, no room, a name that is none."""


class NoSuchFile(FileError, FileNotFoundError):
    """There is no such file."""


class HashMismatch(FetchError, ValueError):
    """A file's content is not what its recorded hash says; nothing was kept."""


class TruncatedFileError(GeodesicKitError, ValueError):
    """A file ends before its own header says, or is not of the format it should be."""


class ClaimFailed(GeodesicKitError, AssertionError):
    """A claim's measured status is not the declared one."""


class RunFailed(GeodesicKitError, RuntimeError):
    """A notebook did not run to its end."""


class PluginWarning(UserWarning):
    """A plugin could not be loaded; the others work."""


class ContrastWarning(UserWarning):
    """The metric is nearly Euclidean, or one edge rules a path."""


class QuadratureWarning(UserWarning):
    """An edge length did not reach the tolerance asked for."""


class ComponentsNotice(UserWarning):
    """Points fall into components that no path joins, and what was asked has no answer across them: says what
    was done instead.
    """


class FallbackNotice(UserWarning):
    """Something smaller stands in for what was asked, and says so."""


class RefinementNotice(UserWarning):
    """A refined curve is less than was hoped for: not converged, no better than the path given, or outside
    the sample's support.
    """


def shown(value: object) -> str:
    """`value` for an error's sentence: its repr on one line, cut at 80 characters."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # noqa: BLE001  # a foreign repr may raise anything, an int of 5,000 digits does
        text = f"({type(value).__name__})"
    return text if len(text) <= 80 else f"{text[:60]}…{text[-16:]}"
