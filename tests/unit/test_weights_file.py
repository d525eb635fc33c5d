import json

from bench.weights_file import following, put


def test_the_version_rises_within_a_day_and_begins_again_on_the_next():
    assert following("2026-11-22.7", "2026-11-22") == "2026-11-22.8"
    assert following("2026-11-22.7", "2026-11-23") == "2026-11-23.1"
    assert following("old", "2026-11-23") == "2026-11-23.1"


def test_one_part_is_replaced_and_the_version_is_another(tmp_path):
    path = tmp_path / "weights.json"
    path.write_text(json.dumps({"version": "2020-01-01.3", "copy": {"a": 1}, "story": {"b": 2}}), encoding="utf8")
    put(path, "copy", {"a": 5})
    record = json.loads(path.read_text(encoding="utf8"))
    assert record["copy"] == {"a": 5}
    assert record["story"] == {"b": 2}
    assert record["version"] not in ("2020-01-01.3", "")
