"""Looks at the notebook that nbconvert has run: outputs, order, counts, and the place of the error."""

import re
import sys

import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
assert [cell.execution_count for cell in cells] == [1, 2, 3], [cell.execution_count for cell in cells]
assert cells[0].outputs[0].text == "length 5\n", cells[0].outputs
display, result = cells[1].outputs
assert display.data["text/html"] == "<i>after</i>", display
assert result.output_type == "execute_result" and result.data["text/plain"] == "13", result
(error,) = cells[2].outputs
assert (error.ename, error.evalue) == ("RangeError", "too far"), error
plain = re.sub(r"\x1b\[\d+m", "", "\n".join(error.traceback))
assert "at fail (In [3]:2:9)" in plain and "> 2 |   throw new RangeError" in plain, plain
assert notebook.metadata.language_info.name == "typescript"
print("the notebook holds what it should")
