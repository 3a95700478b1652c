"""Notebooks run by nbclient, as papermill, nbconvert and `jupyter execute` do: parameters, a failing cell, time limits."""

import asyncio
import re

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook


def notebook(*sources, **tags):
    cells = [new_code_cell(source, id=f"c{index}") for index, source in enumerate(sources)]
    for name, index in tags.items():
        cells[index].metadata["tags"] = [name.replace("_", "-")]
    return new_notebook(cells=cells)


def run(book, **options):
    client = NotebookClient(book, kernel_name="trialroom", **{"timeout": 60, **options})
    client.execute()
    nbformat.validate(book)
    return book


def shown(cell):
    return [output.get("data", output).get("text/plain", output.get("text")) for output in cell.outputs]


# Parameters as papermill writes them: the defaults, and after them a cell that declares the names again.
book = run(
    notebook(
        "const rate: number = 0.1, layers = [8, 8];",
        "// Parameters\nconst rate = 0.5;\nconst layers = [16];\nconst label = \"from outside\";",
        "[rate, layers, label]",
        parameters=0,
        injected_parameters=1,
    )
)
assert shown(book.cells[2]) == ["[ 0.5, [ 16 ], 'from outside' ]"], book.cells[2].outputs
# As papermill writes them for C#, which is TypeScript too where values are numbers, texts and truths.
book = run(
    notebook(
        "const rate: number = 0.1; let name = 'a', on = false;",
        "// Parameters\nvar rate = 0.5;\nvar name = \"b\";\nvar on = true;\n",
        "[rate, name, on]",
        parameters=0,
        injected_parameters=1,
    )
)
assert shown(book.cells[2]) == ["[ 0.5, 'b', true ]"], book.cells[2].outputs
print("parameters             declared again")

# The first cell that fails ends the run; what was said so far is kept, what follows is not run.
book = notebook("console.log('so far')", "throw new RangeError('too far')", "console.log('never')")
try:
    run(book)
    raise AssertionError("nothing was raised")
except CellExecutionError as error:
    assert (error.ename, error.evalue) == ("RangeError", "too far"), error
    assert re.search(r"In \[2\]:1:\d+", re.sub(r"\x1b\[\d+m", "", str(error))), error
assert shown(book.cells[0]) == ["so far\n"] and book.cells[1].outputs[0].output_type == "error"
assert book.cells[2].execution_count is None and book.cells[2].outputs == []
book = run(notebook("throw new Error('allowed')", "'on'"), allow_errors=True)
assert shown(book.cells[1]) == ["'on'"], book.cells[1].outputs
book = run(notebook("throw new Error('expected')", "'on'", raises_exception=0))
assert shown(book.cells[1]) == ["'on'"], book.cells[1].outputs
book = run(notebook("const x: number = 'no type'; x"))
assert shown(book.cells[0])[-1] == "'no type'", "a type error does not stop a cell"
print("failing cells          end the run, or are let pass")

# A limit on time: nbclient interrupts the cell and goes on, or gives up and ends the kernel.
for endless in ("while (true) {}", "await new Promise(() => {})", "for (;;) { try { for (;;) {} } finally { continue } }"):
    book = run(
        notebook("let kept = 1", endless, "kept + 1"), timeout=1, interrupt_on_timeout=True, allow_errors=True
    )
    assert book.cells[1].outputs[0].ename == "Interrupted", book.cells[1].outputs
    assert shown(book.cells[2]) == ["2"], book.cells[2].outputs
try:
    run(notebook("while (true) {}"), timeout=1)
    raise AssertionError("nothing was raised")
except CellTimeoutError:
    pass
print("time limits            interrupt a cell and keep what it had, or end the kernel")

# A kernel that is killed is noticed, and does not leave the run waiting.
try:
    run(notebook("import { spawn } from 'node:child_process'; spawn('kill', ['-9', String(process.pid)]);\nawait new Promise(() => {})"))
    raise AssertionError("nothing was raised")
except DeadKernelError:
    print("a killed kernel        is noticed")


async def both():
    """Two notebooks in two kernels at once know nothing of each other."""
    books = [notebook(f"let mine = {n}; await new Promise((done) => setTimeout(done, 50)); mine") for n in range(2)]
    await asyncio.gather(*(NotebookClient(book, kernel_name="trialroom", timeout=60).async_execute() for book in books))
    assert [shown(book.cells[0]) for book in books] == [["0"], ["1"]]


asyncio.run(both())
print("two at once            each for itself")
