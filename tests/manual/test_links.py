"""The check of the site's links finds what is broken, and only that."""

from tools.site.links import broken_links


def test_what_leads_nowhere_is_found(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "index.html").write_text(
        '<h1 id="top"><a href="inner/page.html#there">a</a><a href="inner/page.html#gone">b</a><a href="#top">c</a>'
        '<a href="missing.html">d</a><a href="https://example.org/nothing">e</a><img src="inner/p%20q.png">'
    )
    (tmp_path / "inner" / "page.html").write_text('<p id="there"><a href="..">up</a><a href="../index.html#top">f</a>')
    (tmp_path / "inner" / "p q.png").touch()
    broken, count = broken_links(tmp_path)
    assert sorted(broken) == [
        "index.html: inner/page.html#gone has no such anchor",
        "index.html: missing.html is not there",
    ]
    assert count == 7
