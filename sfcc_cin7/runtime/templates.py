"""Pages made from Jinja templates, which lie beside the modules that fill them."""

from base64 import b64encode
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def rendered(package: str, template: str, **values: object) -> str:
    """A template of a package, filled in.

    What is written into HTML and SVG is escaped. Nothing can be escaped for all of Markdown: there
    a template passes what others wrote in tables through `cell`.

    Raises:
        jinja2.TemplateError: the template is missing, faulty, or names what it was not given.
    """
    return _templates(package).get_template(template).render(values)


def cell(text: str) -> str:
    """Text that stays within its cell of a Markdown table, and is no tag."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def embedded(svg: str) -> str:
    """The address of a picture that lies within it."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


@cache
def _templates(package: str) -> Environment:
    templates = Environment(
        loader=PackageLoader(package, ""),
        autoescape=select_autoescape(("html.jinja", "svg.jinja")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters |= {"cell": cell, "embedded": embedded}
    return templates
