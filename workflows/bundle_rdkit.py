#!/usr/bin/env python
"""Make the RDKit of the report's substructure search out of the npm package @rdkit/rdkit.

    npm pack @rdkit/rdkit && python workflows/bundle_rdkit.py rdkit-rdkit-VERSION.tgz

The package builds two kinds of functions from text, which the content security policy of a report forbids:
they are put as closures that do the same, and the script stops if it does not find them.
"""

import argparse
import gzip
import sys
import tarfile
from pathlib import Path

ASSETS = Path(__file__).parents[1] / "echemscreen" / "views" / "report" / "assets"

#: How a function of the module is called: arguments to its types, the call, what was made for it undone.
INVOKER = """\
function createJsInvoker(argTypes, isClassMethodFunc, returns, isAsync) {
  let needsDestructorStack = usesDestructorStack(argTypes);
  const argsNeedStack = argsUseStackAlloc(argTypes);
  const useStackFrame = argsNeedStack && !isAsync && !needsDestructorStack;
  if (argsNeedStack && !useStackFrame) needsDestructorStack = true;
  const first = isClassMethodFunc ? 1 : 2;
  return (humanName, throwError, invoker, fn, runDestructors, fromRetWire, toClassParamWire, ...more) => {
    if (useStackFrame) more.splice(0, 2);
    const toWire = more.splice(0, argTypes.length - 2), destroy = more;
    return function (...args) {
      const made = needsDestructorStack ? [] : null, wired = [], frame = useStackFrame ? stackSave() : 0;
      let value;
      try {
        if (isClassMethodFunc) wired.push(toClassParamWire(made, this));
        toWire.forEach((convert, i) => wired.push(convert(made, args[i])));
        value = invoker(fn, ...wired);
      } finally {
        if (useStackFrame) stackRestore(frame);
      }
      if (needsDestructorStack) runDestructors(made);
      else {
        const undo = [...destroy];
        for (let i = first; i < argTypes.length; i++) {
          if (argTypes[i].destructorFunction !== null) undo.shift()(wired[i - first]);
        }
      }
      return returns ? fromRetWire(value) : undefined;
    };
  };
}
"""

#: How the module calls a value of the page: as a function, a method, a constructor, or a conversion.
CALLER = """\
const read = (args) => argFromPtr.map((one, i) => one(args + i * GenericWireTypeSize));
const call = (handle, methodName, args) => {
  if (kind === 0) return Emval.toValue(handle)(...read(args));
  if (kind === 1) return Emval.toValue(handle)[getStringOrSymbol(methodName)](...read(args));
  if (kind === 2) return new (Emval.toValue(handle))(...read(args));
  return read(args).at(-1);
};
const invokerFunction = (handle, methodName, destructorsRef, args) => {
  const value = call(handle, methodName, args);
  return retType.isVoid ? undefined : emval_returnValue(toReturnWire, destructorsRef, value);
};
"""


def between(text: str, start: str, end: str, put: str) -> str:
    """The text with what runs from one mark to another replaced; the second mark stays."""
    if text.count(start) != 1:
        raise SystemExit(f"The package has changed: '{start}' stands in it {text.count(start)} times.")
    first = text.index(start)
    return text[:first] + put + text[text.index(end, first) :]


def main() -> int:
    """Write the script and the compressed module."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("package", type=Path)
    with tarfile.open(parser.parse_args().package) as held:
        script, module = (
            held.extractfile(f"package/dist/RDKit_minimal.{suffix}").read() for suffix in ("js", "wasm")
        )
    text = between(script.decode(), "function createJsInvoker(", "function craftInvokerFunction(", INVOKER)
    text = between(text, "var captures={toValue:Emval.toValue}", "var functionName=`methodCaller<", CALLER)
    if "new Function" in text:
        raise SystemExit("The package builds more functions from text than were known.")
    (ASSETS / "RDKit_minimal.js").write_text(text, encoding="utf-8")
    (ASSETS / "RDKit_minimal.wasm.gz").write_bytes(gzip.compress(module, compresslevel=9, mtime=0))
    sys.stdout.write(f"{len(text) / 1e3:.0f} kB of script, {len(module) / 1e6:.1f} MB of module\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
