"""`mcpolar cite`: BibTeX of this version and of the paper."""

import mcpolar


def test_reference_two_entries(run):
    result = run("cite")
    assert result.status == 0
    assert result.out.count("\n@") + result.out.startswith("@") == 2
    assert f"version = {{{mcpolar.__version__}}}" in result.out
    assert "Wang, Edward L. and Kiasari, Mohammad Sharifi" in result.out
    assert result.out.count("{") == result.out.count("}")


def test_reference_a_file(run, tmp_path):
    assert run("cite", "--output", tmp_path / "a.bib").status == 0
    assert (tmp_path / "a.bib").read_text() == run("cite").out
