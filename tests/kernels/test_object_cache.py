"""Machine code on disk: used where it is whole and of this CPU, compiled again where it is not."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from llvmlite import binding

from toolkit.kernels import convolution, convolve, machine, object_cache
from toolkit.kernels.llvm import POINTER, Code
from toolkit.kernels.machine import Kernel


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path))
    return tmp_path / "kernels"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Texts that LLVM compiles."""
    texts: list[str] = []
    parse = binding.parse_assembly

    def listen(text: str) -> Any:  # noqa: ANN401 - llvmlite has no types
        if text:
            texts.append(text)
        return parse(text)

    monkeypatch.setattr(binding, "parse_assembly", listen)
    return texts


def doubled(number: float) -> float:
    """2 * number, by a kernel that is written and compiled or read now."""
    code = Code([POINTER])
    value = code.load(code.arguments[0])
    code.store(code.add(value, value), code.arguments[0])
    numbers = torch.tensor([number])
    Kernel(code)(numbers.data_ptr())
    return numbers.item()


def test_the_second_kernel_of_one_text_is_not_compiled(folder: Path, compiled: list[str]) -> None:
    assert [doubled(1.5), doubled(0.1)] == [3.0, 2 * torch.tensor(0.1).item()]
    assert len(compiled) == 1
    assert len(list(folder.iterdir())) == 1


@pytest.mark.usefixtures("one_thread", "folder")
def test_a_kernel_from_disk_gives_the_bits_of_the_compiled_one(compiled: list[str]) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(2, 3, 8, 8, generator=generator)
    weight = torch.randn(8, 3, 4, 4, generator=generator).requires_grad_()
    found = []
    for _ in range(2):
        for remembered in (convolution.forward, convolution.backward):
            remembered.cache_clear()
        output = convolve(images, weight, None, stride=2, padding=1, relu=True)
        found.append((output, *torch.autograd.grad(output.square().sum(), weight)))
    assert len(compiled) == 2  # forward and backward, once
    assert all(torch.equal(*pair) for pair in zip(*found, strict=True))


@pytest.mark.parametrize("damage", ["bit", "cut", "empty", "text"])
def test_a_damaged_file_is_compiled_again_and_replaced(
    damage: str, folder: Path, compiled: list[str]
) -> None:
    doubled(1.0)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    broken = {
        "bit": whole[:200] + bytes([whole[200] ^ 1]) + whole[201:],
        "cut": whole[:-1],
        "empty": b"",
        "text": b"not machine code",
    }
    file.write_bytes(broken[damage])
    assert doubled(4.0) == 8.0
    assert len(compiled) == 2
    assert file.read_bytes() == whole


def test_another_cpu_compiles_for_itself(
    folder: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    doubled(1.0)
    name, features = machine.target()
    monkeypatch.setattr(machine, "target", lambda: (name, f"{features},-avx512f"))
    assert doubled(1.0) == 2.0
    assert len(compiled) == 2
    assert len(list(folder.iterdir())) == 2


def test_a_key_is_of_text_cpu_features_and_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [
        object_cache.key_for("text", "cpu", "+a"),
        object_cache.key_for("other text", "cpu", "+a"),
        object_cache.key_for("text", "other cpu", "+a"),
        object_cache.key_for("text", "cpu", "-a"),
    ]
    assert object_cache.key_for("text", "cpu", "+a") == keys[0]
    monkeypatch.setattr(object_cache.llvmlite, "__version__", "999.0")
    keys.append(object_cache.key_for("text", "cpu", "+a"))
    monkeypatch.setattr(binding, "llvm_version_info", (999, 0, 0))
    keys.append(object_cache.key_for("text", "cpu", "+a"))
    assert len(set(keys)) == 6


def test_readers_beside_writers_see_whole_files_or_none(folder: Path) -> None:
    content = bytes(range(256)) * 400

    def work(number: int) -> bytes | None:
        if number % 2:
            object_cache.write("key", content)
        return object_cache.read("key")

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(work, range(60)))
    assert seen <= {None, content}
    assert object_cache.read("key") == content
    assert [file.name for file in folder.iterdir()] == ["key"]


def test_a_folder_that_cannot_be_written_leaves_kernels_uncached(
    tmp_path: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "file"))
    assert [doubled(1.0), doubled(2.0)] == [2.0, 4.0]
    assert len(compiled) == 2


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"TOOLKIT_CACHE": "a", "XDG_CACHE_HOME": "b"}, "a/kernels/key"),
        ({"XDG_CACHE_HOME": "b"}, "b/channel-toolkit/kernels/key"),
        ({"TOOLKIT_CACHE": "", "XDG_CACHE_HOME": ""}, "home/.cache/channel-toolkit/kernels/key"),
        ({}, "home/.cache/channel-toolkit/kernels/key"),
    ],
)
def test_where_the_folder_is(
    variables: dict[str, str],
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "home")
    for name in ("TOOLKIT_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    object_cache.write("key", b"code")
    assert (tmp_path / expected).is_file()
    assert object_cache.read("key") == b"code"


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("TOOLKIT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(object_cache.Path, "home", homeless)
    object_cache.write("key", b"code")
    assert object_cache.read("key") is None
