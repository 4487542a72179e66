"""Pictures of hot spots: what they hold, and that a page stays small."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.integrate import quad
from scipy.stats import norm

from tests.report.page.test_render import page, words_of
from toolkit.report import Findings, HotSpotPictures, Traversal, posterior_overlap
from toolkit.report.page import gallery as module


def pictures(*, side: int = 8, colours: int = 1) -> HotSpotPictures:
    images = np.random.default_rng(0).integers(0, 256, (3, 5, colours, side, side), dtype=np.uint8)
    traversal = Traversal(
        run=1, latent=2, low=-1.25, high=2.0, images=images, base_images=(0, 32, 64)
    )
    return HotSpotPictures(traversals=(traversal, replace(traversal, run=4)), overlap=np.eye(6))


def test_overlap_is_the_integral_of_the_root_of_both_densities() -> None:
    mean, log_variance = torch.tensor([0.5, -1.0, 0.8]), torch.tensor([0.0, -2.0, 1.0])
    found = posterior_overlap(mean, log_variance)
    order = [1, 0, 2]
    for row, first in enumerate(order):
        for column, second in enumerate(order):
            densities = [
                norm(float(mean[image]), float((log_variance[image] / 2).exp()))
                for image in (first, second)
            ]
            integral, _ = quad(
                lambda x, both=densities: np.sqrt(both[0].pdf(x) * both[1].pdf(x)), -30, 30
            )
            assert found[row, column] == pytest.approx(integral, abs=1e-6)


def test_many_images_are_averaged_over_neighbours() -> None:
    mean = torch.randn(301, generator=torch.Generator().manual_seed(0))
    found = posterior_overlap(mean, torch.full((301,), -2.0))
    whole = mean.sort().values.double()
    gaps = (whole[:, None] - whole[None, :]).square() / (8 * np.exp(-2.0))
    exact = (-gaps).exp().numpy()
    assert found.shape == (101, 101)
    assert found[0, 7] == pytest.approx(exact[0:3, 21:24].mean())
    assert found[100, 100] == pytest.approx(exact[300, 300])


def test_traversals_say_run_range_and_images(findings: Findings) -> None:
    text = page(findings, traversals={}, pictures={1: pictures()})
    words = words_of(text)
    assert "run 2 · z2, from −1.2 to 2.0 in 5 steps; from probe images 1, 33, 65" in words
    assert "run 5 · z2" in words
    source = text.split('id="gallery"')[1].split('src="data:image/png;base64,')[1].split('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(source))).size == (5 * 9 - 1, 3 * 9 - 1)
    assert "Pictures of the first 1 of 2 hot spots" in words


def test_without_pictures_there_is_no_section(findings: Findings) -> None:
    assert 'id="gallery"' not in page(findings, traversals={})


def test_pictures_end_before_the_page_grows_large(
    findings: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {1: pictures(side=32, colours=3), 2: pictures(side=32, colours=3)}
    assert len(module.gallery(both)) == 2
    monkeypatch.setattr(module, "MOST_BYTES", 200_000)
    assert [item["rank"] for item in module.gallery(both)] == [1]
