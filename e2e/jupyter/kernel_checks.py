"""The checks of jupyter_kernel_test with samples in TypeScript for each of them."""

import unittest

import jupyter_kernel_test


class TypeScriptKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "trialroom"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("oops")'
    completion_samples = [
        {"text": "Math.hyp", "matches": {"hypot"}},
        {"text": "const 😀😀 = 1; Math.hyp", "matches": {"hypot"}},
        {"text": "structuredClo", "matches": {"structuredClone"}},
    ]
    complete_code_samples = [
        "1 + 1",
        "const x: number = 1",
        "function f(n: number): number {\n  return n * 2;\n}",
        "await Promise.resolve(3)",
        "enum Colour { Red, Green }",
        "",
    ]
    incomplete_code_samples = [
        "function f() {",
        "const list = [1,\n2,",
        "console.log(`half",
        "/* a remark",
        "const x =",
        "class A {\n  method() {",
    ]
    invalid_code_samples = ["const = 3", "1 +* 2", "}", '"not closed', "return 3"]
    code_page_something = "Math?"
    code_generate_error = 'throw new RangeError("too far")'
    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": "[1, 2, 3].map((n) => n * 2)", "result": "[ 2, 4, 6 ]"},
        {"code": "await Promise.resolve('ä 😀')", "result": "'ä 😀'"},
        {"code": "const squares: Record<string, number> = { two: 4 }; squares", "result": "{ two: 4 }"},
    ]
    code_display_data = [
        {"code": 'import { display, html } from "trialroom"; display(html("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'import { display, markdown } from "trialroom"; display(markdown("*a*"))', "mime": "text/markdown"},
        {"code": 'import { display, table } from "trialroom"; display(table([{ a: 1 }]))', "mime": "text/html"},
    ]
    code_history_pattern = "1?+*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "Math.hypot"
    code_clear_output = 'import { clear } from "trialroom"; console.log("gone"); clear()'


def load_tests(loader, _tests, _pattern):
    """Only the class above: the one it stands on has no kernel."""
    return loader.loadTestsFromTestCase(TypeScriptKernel)


if __name__ == "__main__":
    unittest.main()
