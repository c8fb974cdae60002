"""What a result was made from."""

import json
import platform

from mcpolar.report.provenance import provenance


def test_law_record_is_json_and_names_no_machine():
    record = provenance({"m": 30}, 7)
    text = json.dumps(record)
    assert record["parameters"] == {"m": 30}
    assert record["seed"] == 7
    assert {"mcpolar", "numpy", "numba", "python"} <= set(record["versions"])
    assert not platform.node() or platform.node() not in text
    assert "/" not in text
