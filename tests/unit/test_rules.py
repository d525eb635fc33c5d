import json

from tests.rules import RECORD, _digest, current


def test_the_version_of_the_rules_belongs_to_their_code():
    recorded, now = json.loads(RECORD.read_text(encoding="utf8")), current()
    changed = sorted(
        name
        for name in recorded["modules"].keys() | now["modules"].keys()
        if recorded["modules"].get(name) != now["modules"].get(name)
    )
    assert now == recorded, (
        f"the rules in {', '.join(changed) or 'no module'} are no longer those of the recorded version: raise RULES_VERSION if any "
        "answer can be another (stored conclusions are then made anew), and in any case run `python -m tests.rules`"
    )


def test_comments_docstrings_and_white_space_are_no_rules():
    one = 'def f(x):\n    """Says."""\n    # why\n    return x + 1\n'
    assert _digest(one) == _digest("def f( x ):\n\n    return x+1\n")
    assert _digest(one) != _digest("def f(x):\n    return x + 2\n")
