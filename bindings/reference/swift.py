"""Prepares the symbol graph of the generated module for DocC: swift.py SYMBOLS.json CATALOG. What UniFFI needs for itself
is left out, names that Rust writes in its own way become links, and the page that the reference begins with is that of the
crate. Fails if anything that remains is not documented."""

import json
import re
import sys
from pathlib import Path

CRATE = (Path(__file__).parents[1] / "src/lib.rs").read_text()

# Protocols that repeat a class, classes that stand for ports which the core itself would implement, and the rest of UniFFI.
OWN = re.compile(r"\w+Protocol|\w+Impl|FfiConverter\w*|[uU]niffi\w*|errorDescription")


def own(symbol):
    """Whether it is UniFFI's or the standard library's own."""
    names = [name.split("(")[0] for name in symbol["pathComponents"]]
    return any(map(OWN.fullmatch, names)) or "::SYNTHESIZED::" in symbol["identifier"]["precise"]


def linked(text, within, paths):
    """Links what stands between backticks in a documentation comment, looked up from `within` outwards."""

    def link(code):
        shown = code[1].replace("::", ".")
        if re.fullmatch(r"[a-z]+\.[a-z_]+", shown):
            # The id of an error, which is itself the matter only where errors are explained.
            if within[:1] in (["LatchkeyError"], ["ErrorInfo"]):
                return f"`{shown}`"
            name = ["LatchkeyError", shown.title().replace(".", "").replace("_", "")]
        else:
            shown = re.sub(r"(?<=[a-z])_([a-z])", lambda letter: letter[1].upper(), shown)
            name = shown.split(".")
        for depth in range(len(within), -1, -1):
            path = paths.get((*within[:depth], *name))
            if path and path.split("/") != within:
                return f"``{path}``"
        return f"`{shown}`"

    return re.sub(r"\[?`([^`\n]+)`\]?", link, text)


def main(file, catalog):
    graph = json.loads(file.read_text())
    symbols = [symbol for symbol in graph["symbols"] if not own(symbol)]
    paths = {
        tuple(name.split("(")[0] for name in symbol["pathComponents"]): "/".join(symbol["pathComponents"])
        for symbol in symbols
    }
    bare = []
    for symbol in symbols:
        lines = symbol.get("docComment", {}).get("lines", [])
        for line in lines:
            line["text"] = linked(line["text"], symbol["pathComponents"], paths)
        # What a record is made of says what each of its members is.
        if not any(line["text"].strip() for line in lines) and symbol["kind"]["identifier"] != "swift.init":
            bare.append(".".join(symbol["pathComponents"]))
    left = {symbol["identifier"]["precise"] for symbol in symbols}
    graph["symbols"] = symbols
    graph["relationships"] = [
        relation
        for relation in graph["relationships"]
        if relation["source"] in left and (relation["target"] in left or "targetFallback" in relation)
        and not OWN.fullmatch(relation.get("targetFallback", "").split(".")[-1])
    ]
    file.write_text(json.dumps(graph))

    lines = [line.removeprefix("//!").removeprefix(" ") for line in CRATE.splitlines() if line.startswith("//!")]
    text = linked("\n".join(lines), [], paths)
    catalog.mkdir()
    (catalog / "Latchkey.md").write_text(f"# ``Latchkey``\n\n{text}\n")
    if bare:
        sys.exit(f"not documented: {', '.join(sorted(bare))}")


main(*map(Path, sys.argv[1:]))
