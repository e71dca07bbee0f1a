"""What pages of the documentation show of files that their examples have written."""

from __future__ import annotations

import base64
import csv
import html
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import griffe

from echemscreen.options.declared import CheckedOptions, Option
from echemscreen.reference_tables import FOLDERS, cited
from echemscreen.views.tables.columns import table_of


def figure(path: str, caption: str, *, wide: bool = False) -> str:
    """An SVG or PNG file as part of the page, with its caption; a wide one scrolls at a legible size."""
    media = {".svg": "image/svg+xml", ".png": "image/png"}[Path(path).suffix]
    content = base64.b64encode(Path(path).read_bytes()).decode()
    text = html.escape(caption, quote=True)
    image = f'<img src="data:{media};base64,{content}" alt="{text}">'
    kind = ' class="wide"' if wide else ""
    return f"<figure{kind}>{image}<figcaption>{text}</figcaption></figure>"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; what stands in a cell is text."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(item) for item in line) + " |" for line in lines)


def options(
    model: type[CheckedOptions],
    *,
    beside: Sequence[type[CheckedOptions]] = (),
    where: Callable[[Option], bool] = lambda _: True,
) -> str:
    """The options of a model as a Markdown table, without those of others."""
    told = {name for other in beside for name in other.model_fields}
    rows = (
        (f"`{name}`", "required" if item.is_required() else f"`{item.default}`", item.description)
        for name, item in model.model_fields.items()
        if item.description and name not in told and where(model.option(name))
    )
    return table(("option", "default", "meaning"), rows)


def csv_table(path: str, columns: Sequence[str], *, where: dict[str, str] | None = None) -> str:
    """Some columns of a CSV file as a Markdown table."""
    # Tables of results begin with a byte order mark.
    with Path(path).open(newline="", encoding="utf-8-sig") as handle:
        records = [
            record
            for record in csv.DictReader(handle)
            if all(record[key] == value for key, value in (where or {}).items())
        ]
    return table(columns, ([_shown(path, name, record[name]) for name in columns] for record in records))


def _shown(path: str, column: str, cell: str) -> str:
    """A cell; a citation of a shipped table in full."""
    return cited(cell) if column == "citation" and path.startswith(FOLDERS) else cell


def _cell(value: object) -> str:
    text = str(value)
    return text if set(text) <= {"-"} and text else text.replace("|", "\\|").replace("\n", " ")


def column_table(file: str, columns: Iterable[str] | None = None) -> str:
    """The columns of an output file with unit and meaning, from the table of which the program makes them."""
    described = table_of(file)
    names = described if columns is None else columns
    rows = ((f"`{name}`", described[name].unit, described[name].meaning) for name in names)
    return table(("column", "unit", "meaning"), rows)


def row_explained(path: str, name: str, *, long: Sequence[str] = ()) -> str:
    """One row of a ``results.csv``: each filled cell with its unit and meaning; ``long`` ones cut short."""
    described = table_of("results.csv")
    # Tables of results begin with a byte order mark.
    with Path(path).open(newline="", encoding="utf-8-sig") as handle:
        record = next(item for item in csv.DictReader(handle) if item["name"] == name)
    rows = []
    for column, value in record.items():
        if not value:
            continue
        unit, meaning = described[column].unit, described[column].meaning
        shown = f"{value[:40]} …" if column in long else value.removeprefix("'")
        rows.append((f"`{column}`", f"{shown} {unit if unit not in {'0 to 1', ''} else ''}".strip(), meaning))
    return table(("column", "value", "meaning"), rows)


def records(module: str, names: Sequence[str] = ()) -> str:
    """The records of a module, or some of them: what each is, and its fields with type and meaning."""
    parts = []
    for item in griffe.load(module).classes.values():
        if names and item.name not in names:
            continue
        fields = [field for field in item.attributes.values() if field.annotation is not None]
        rows = (
            (
                f"`{field.name}`",
                f"`{field.annotation}`",
                field.docstring.value.replace("``", "`") if field.docstring else "",
            )
            for field in fields
        )
        described = item.docstring.value.replace("``", "`") if item.docstring else ""
        parts.append(f"### {item.name}\n\n{described}\n\n{table(('field', 'type', 'meaning'), rows)}\n")
    return "\n".join(parts)
