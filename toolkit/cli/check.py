"""`toolkit check`: mistakes in params.yaml, and what would end `dvc repro` hours later."""

import argparse
import math
import sys
from collections.abc import Iterator
from pathlib import Path

from toolkit.config import Comparison, Data, Ensemble, Params, Study, declared_members, read_params
from toolkit.config.members import trial_members
from toolkit.config.params import ParamsError
from toolkit.data import DATASETS, read_prepared
from toolkit.data.source import Source, build_options
from toolkit.errors import ToolkitError
from toolkit.networks.autoencoder import ImageShape
from toolkit.tracking.query import clauses_of
from toolkit.workspace import Workspace

MEMBERS = {"ensemble": "ensembles", "study": "studies"}


def run(arguments: argparse.Namespace) -> None:
    """Refuse params.yaml, or tell what it declares and what to know about it."""
    del arguments
    workspace = Workspace.here()
    params = read_params(workspace.params)
    failures = [*_data_failures(workspace, params), *_query_failures(params)]
    if failures:
        raise ParamsError(workspace.params, failures)
    sys.stdout.write(
        f"{workspace.params} is in order: {len(params.data)} data sets, "
        f"{len(params.ensembles)} ensembles, {len(params.studies)} studies, "
        f"{len(params.comparisons)} comparisons, {len(params.analyses)} analyses\n"
    )
    for note in [*_git_notes(workspace.root), *_comparison_notes(params)]:
        sys.stdout.write(f"note: {note}\n")


def _data_failures(workspace: Workspace, params: Params) -> Iterator[str]:
    """Raw files that are missing, probe sets that are too large, and images no network takes."""
    shapes: dict[str, ImageShape] = {}
    for name, data in params.data.items():
        if "://" not in data.raw and not (workspace.root / data.raw).exists():
            remedy = _remedy(workspace.root, data)
            yield f"data.{name}.raw = {data.raw!r} is missing. {remedy}"
        count, shape = _count_and_shape(workspace, name, data)
        if count is not None and data.probe.size > count:
            yield (
                f"data.{name}.probe.size = {data.probe.size}: the data set has {count} images. "
                f"Ask for at most {count}."
            )
        if shape is not None:
            shapes[name] = shape
    for section in MEMBERS.values():
        for name, part in getattr(params, section).items():
            reason = _network_refusal(part, shapes[part.data]) if part.data in shapes else None
            if reason is not None:
                yield f"{section}.{name}.network: {reason}"


def _remedy(root: Path, data: Data) -> str:
    """What brings the files that a data set is made of."""
    source = DATASETS[data.source]
    if (root / f"{data.raw}.dvc").exists():
        return f"Run `dvc pull {data.raw}.dvc`."
    if source.procedural:
        return "Name the source file that draws the images, so that DVC notices its changes."
    add = f"`toolkit data add {data.source} PATH`"
    if any(file.urls for file in source.files):
        return f"Run `toolkit data download {data.source}`, or {add} for files you have."
    return f"Run {add}."


def _count_and_shape(
    workspace: Workspace, name: str, data: Data
) -> tuple[int | None, ImageShape | None]:
    """Number and shape of the images, as far as they are known without making them."""
    source: Source = DATASETS[data.source]
    if source.grid is not None:
        grid = source.grid(build_options(source, data.source, data.options))
        return len(grid), grid.image_shape
    try:
        images = read_prepared(workspace.data(name), mapped=True, verify=False).images.images
    except ToolkitError:  # it was not made yet
        if data.options:
            return None, None
        count = math.prod(size for _, size in source.factors) if source.factors else None
        return count, source.image_shape
    return len(images), (images.shape[1], images.shape[2], images.shape[3])


def _network_refusal(part: Ensemble | Study, shape: ImageShape) -> str | None:
    """Why the network of a section has no form for images of this shape."""
    if isinstance(part, Ensemble):
        member = declared_members(part, data="", image_shape=shape)[0]
    else:
        parameters = {name: axis.at(0.0) for name, axis in part.space.items()}
        member = trial_members(part, parameters, data="", image_shape=shape)[0]
    try:
        member.settings.build()
    except ToolkitError as error:
        return str(error)
    return None


def _query_failures(params: Params) -> Iterator[str]:
    """Queries that MLflow cannot read."""
    for name, comparison in params.comparisons.items():
        try:
            _named_by(comparison)
        except ToolkitError as error:
            yield f"comparisons.{name}.query: {error}"


def _named_by(comparison: Comparison) -> dict[str, str]:
    """What a query asks of single tags: {"ensemble": "sprites-beta"}."""
    return {
        clause.key: str(clause.value)
        for clause in clauses_of(comparison.query)
        if clause.kind == "tag" and clause.comparator == "="
    }


def _comparison_notes(params: Params) -> Iterator[str]:
    """What a comparison would find only when everything else is built."""
    for name, comparison in params.comparisons.items():
        tags = _named_by(comparison)
        for tag, section in MEMBERS.items():
            if tag in tags and tags[tag] not in getattr(params, section):
                yield (
                    f"comparisons.{name} asks for the {tag} {tags[tag]!r}, which this file does "
                    f"not declare under `{section}`. Only runs from elsewhere can answer."
                )
        parts = _compared(params, tags)
        steps = {name: str(part.training.steps) for name, part in parts.items()}
        networks = {
            name: ", ".join(map(str, part.network.model_dump().values()))
            for name, part in parts.items()
        }
        for what, values in (("steps", steps), ("network", networks)):
            if len(set(values.values())) > 1:
                listed = "; ".join(f"{part}: {value}" for part, value in sorted(values.items()))
                yield (
                    f"comparisons.{name} compares members that differ in {what} ({listed}). "
                    "Narrow its query if that is not meant."
                )
        seeds = {seed for part in parts.values() for seed in part.seeds}
        if parts and len(seeds) == 1:
            yield (
                f"comparisons.{name} compares members of one seed alone, which says nothing about "
                "agreement between trainings. Give the ensemble more seeds."
            )


def _compared(params: Params, tags: dict[str, str]) -> dict[str, Ensemble | Study]:
    """The declared ensembles and studies that a query with these tags selects from."""
    parts: dict[str, Ensemble | Study] = {**params.ensembles, **params.studies}
    for tag, section in MEMBERS.items():
        if tag in tags:
            parts = {
                name: part for name, part in getattr(params, section).items() if name == tags[tag]
            }
    if "dataset" in tags:
        parts = {name: part for name, part in parts.items() if part.data == tags["dataset"]}
    if "objective" in tags:
        parts = {n: part for n, part in parts.items() if part.objective.name == tags["objective"]}
    return parts


def _git_notes(root: Path) -> Iterator[str]:
    """DVC works in a Git repository, or where it is told that there is none."""
    if not (root / ".dvc").is_dir():
        return
    here = root.resolve()
    config = root / ".dvc" / "config"
    if any((folder / ".git").exists() for folder in (here, *here.parents)):
        return
    if not (config.exists() and "no_scm" in config.read_text(errors="replace")):
        yield (
            "this folder is in no Git repository, and DVC stops at that. Run `git init`, or "
            "`dvc config core.no_scm true` to work without Git."
        )
