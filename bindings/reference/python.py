"""Writes the reference of the generated module `latchkey` into the folder $1, and fails if anything in it is not
documented.

UniFFI leaves the fields of records without their documentation in Python. It is the same in all languages, so what
Swift says of them is put back."""

import ast
import enum
import functools
import html
import inspect
import re
import sys
from pathlib import Path

import latchkey
import pdoc

BINDINGS = Path(__file__).parents[1]
SWIFT = (BINDINGS / "generated/swift/Latchkey.swift").read_text()
CRATE = (BINDINGS / "src/lib.rs").read_text()

# What UniFFI needs for itself.
OWN = re.compile(r"InternalError|\w+(Impl|Protocol)")


# To find a class Python parses the whole module, for each one anew.
ast.parse, inspect.findsource = functools.cache(ast.parse), functools.cache(inspect.findsource)


def snake_case(name):
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def plain(doc):
    """Rust writes its links and paths in its own way."""
    doc = re.sub(r"\[(`[^`]+`)\](\([^)]*\))?", r"\1", inspect.cleandoc(doc))
    return re.sub(r"`[^`\n]+`", lambda code: code[0].replace("::", "."), doc)


def fields_in_swift():
    """The documentation of every field of every record."""
    for record in re.finditer(r"^public struct (\w+).*?^}", SWIFT, re.DOTALL | re.MULTILINE):
        for doc, field in re.findall(r"/\*\*((?:(?!\*/).)*)\*/\s*public var `?(\w+)", record[0], re.DOTALL):
            yield (record[1], snake_case(field)), " ".join(re.sub(r"^\s*\*", "", doc, flags=re.MULTILINE).split())


def documented_behind(kind):
    """The documentation that UniFFI writes behind a constant, and behind the fields of a union's variant."""
    found = re.findall(r'(?:self\.)?(\w+) = \w+\s+"""(.*?)"""', inspect.getsource(kind), re.DOTALL)
    return {name: " ".join(doc.split()) for name, doc in found}


def own_members(kind):
    """What a class offers: its functions and the classes in it, without the questions about a union's variant."""
    for name, member in vars(kind).items():
        member = getattr(member, "__func__", member)
        if not name.startswith(("_", "is_")) and (inspect.isfunction(member) or inspect.isclass(member)):
            yield name, member


def document(path, thing, fields):
    """Makes the documentation readable of a class or function and everything in it: where it is, and what it says."""
    # A variant of a union is wrapped: the class behind it is written with its documentation.
    bases = thing.__mro__ if inspect.isclass(thing) else [thing]
    written = next((base for base in reversed(bases[:2]) if base.__qualname__ == path), thing)
    thing.__doc__ = plain(written.__doc__ or "")
    yield path, thing.__doc__
    if inspect.isfunction(thing):
        return
    behind = documented_behind(written)
    if issubclass(thing, enum.Enum):
        yield from ((f"{path}.{constant.name}", behind.get(constant.name)) for constant in thing)
        return
    named = []
    if "__init__" in vars(written):
        parameters = inspect.signature(written.__init__).parameters
        named = [name for name in parameters if name not in ("self", "args", "kwargs")]
    for name in named:
        doc = plain(fields.get((path, name)) or behind.get(name) or "")
        thing.__doc__ += f"\n- `{name}`: {doc}" if name != named[0] else f"\n\n- `{name}`: {doc}"
        yield f"{path}.{name}", doc
    for name, member in own_members(written):
        yield from document(f"{path}.{name}", member, fields)


def words(text):
    """What a reader reads, without what only shapes it."""
    return re.sub(r"[\s`*-]+", "", html.unescape(re.sub(r"<[^>]+>", "", text)))


def main(out):
    latchkey.__all__ = sorted(name for name in latchkey.__all__ if not OWN.fullmatch(name))
    latchkey.__doc__ = plain("\n".join(re.findall(r"^//! ?(.*)$", CRATE, re.MULTILINE)))
    fields, documented = dict(fields_in_swift()), {}
    for name in latchkey.__all__:
        documented.update(document(name, getattr(latchkey, name), fields))
    if missing := [path for path, doc in documented.items() if not doc]:
        sys.exit("not documented: " + ", ".join(missing))

    template = Path(__file__).parent / "template"
    pdoc.render.configure(template_directory=template, show_source=False, search=False, footer_text="Latchkey")
    pdoc.pdoc("latchkey", output_directory=out)
    read = words((out / "latchkey.html").read_text())
    if hidden := [path for path, doc in documented.items() if words(doc) not in read]:
        sys.exit("not in the reference: " + ", ".join(hidden))


main(Path(sys.argv[1]))
