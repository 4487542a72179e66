"""The table of data sets in words: for the command line and the documents."""

import shutil
import textwrap
from collections.abc import Mapping
from dataclasses import fields

from toolkit.data import DATASETS
from toolkit.data.source import Source
from toolkit.errors import UnknownNameError


def list_text(sources: Mapping[str, Source] = DATASETS) -> str:
    """A line for every data set: its name and what it is.

    >>> list_text().splitlines()[0].split()[:2]
    ['sprites', 'computed']
    """
    width = max(map(len, sources))
    return "\n".join(
        f"{name:<{width}}  {'computed' if source.procedural else 'files':<8}  {source.about}"
        for name, source in sources.items()
    )


def info_text(name: str, sources: Mapping[str, Source] = DATASETS) -> str:
    """Everything the table knows of one data set.

    >>> print(info_text("circle").splitlines()[0])
    circle: A disc that goes around a circle: one periodic factor.
    """
    if name not in sources:
        raise UnknownNameError("data set", name, sources)
    source = sources[name]
    lines = [
        f"{name}: {source.about}",
        f"licence   {source.licence}",
        f"home      {source.home}",
        f"images    {shape_text(source)}",
        f"factors   {factors_text(source)}",
        "files     " + ("none: the images are computed" if source.procedural else ""),
    ]
    for file in source.files:
        known = [f"{file.size:,} bytes"] if file.size else []
        known += [f"sha256 {file.sha256}"] if file.sha256 else []
        lines.append(f"  {file.name}" + (f"  ({', '.join(known)})" if known else ""))
    lines.append("options")
    lines += [f"  {field.name} = {field.default!r}" for field in fields(source.options)]
    width = shutil.get_terminal_size().columns
    return "\n".join(
        wrapped
        for line in lines
        for wrapped in textwrap.wrap(line, max(width, 60), subsequent_indent=" " * 10) or [""]
    )


def factors_text(source: Source) -> str:
    """Names and sizes in canonical order.

    >>> factors_text(DATASETS["circle"])
    'angle 200'
    """
    return " × ".join(f"{name} {size}" for name, size in source.factors) or "none known"


def shape_text(source: Source) -> str:
    """Height × width × channels, as people say it.

    >>> shape_text(DATASETS["circle"])
    '32 × 32 × 1'
    """
    if source.image_shape is None:
        return "any"
    channels, height, width = source.image_shape
    return f"{height} × {width} × {channels}"
