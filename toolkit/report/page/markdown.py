"""The author's own text in a page: Markdown to HTML that can neither load nor run anything."""

from markdown_it import MarkdownIt
from markupsafe import Markup


def markdown(text: str) -> Markup:
    """CommonMark with tables as HTML; markup, scripts and pictures from elsewhere become text.

    Headings come two levels lower, below those of the page.

    >>> markdown("# Why *these* runs")
    Markup('<h3>Why <em>these</em> runs</h3>\\n')
    >>> markdown("<script>alert(1)</script>")
    Markup('<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\\n')
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    return Markup(parser.renderer.render(tokens, parser.options, {}))
