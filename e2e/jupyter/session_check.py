"""A session through jupyter_client: start, round trips, many lines, input, interrupt, restart; with the times it took."""

import statistics
import time

from jupyter_client.manager import KernelManager

began = time.perf_counter()
manager = KernelManager(kernel_name="trialroom")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=30)
print(f"start to first reply   {1000 * (time.perf_counter() - began):8.1f} ms")


def run(code, **options):
    """Runs a cell; gives its reply and what iopub said."""
    heard = []
    reply = client.execute_interactive(code, timeout=60, output_hook=heard.append, **options)
    return reply["content"], heard


def text(heard, name="stdout"):
    return "".join(m["content"]["text"] for m in heard if m["msg_type"] == "stream" and m["content"]["name"] == name)


times = []
for _ in range(200):
    at = time.perf_counter()
    client.execute("1+1")
    client.get_shell_msg(timeout=10)
    times.append(time.perf_counter() - at)
    while client.get_iopub_msg(timeout=10)["content"].get("execution_state") != "idle":
        pass
print(f"1+1, median of 200     {1000 * statistics.median(times):8.2f} ms")

at = time.perf_counter()
reply, heard = run('for (let i = 0; i < 100_000; i++) console.log("line", i)')
took = time.perf_counter() - at
lines = text(heard).splitlines()
assert lines == [f"line {i}" for i in range(100_000)], f"{len(lines)} lines"
print(f"100k lines, none lost  {1000 * took:8.1f} ms")

for name, code in {
    "loop": "while (true) {}",
    "await": "await new Promise(() => {})",
    "timers": "await new Promise(() => { const again = () => setTimeout(again, 0); again(); })",
    "regex": "/(a+)+$/.test('a'.repeat(60) + 'b')",
    "microtasks": "const flood = async () => { for (;;) await null; }; await flood()",
    "finally": "for (;;) { try { for (;;) {} } finally { continue; } }",
}.items():
    message = client.execute(code)
    while client.get_iopub_msg(timeout=10)["msg_type"] != "execute_input":
        pass
    time.sleep(0.05)
    at = time.perf_counter()
    manager.interrupt_kernel()
    reply = client.get_shell_msg(timeout=20)["content"]
    took = time.perf_counter() - at
    assert reply["ename"] == "Interrupted", reply
    while client.get_iopub_msg(timeout=10)["content"].get("execution_state") != "idle":
        pass
    print(f"interrupt, {name:<11} {1000 * took:8.1f} ms")

reply, heard = run("const kept = 41; kept + 1")
assert reply["status"] == "ok"

reply, _ = run("kept", user_expressions={"more": "kept + 2", "wrong": "nothing.here"})
assert reply["user_expressions"]["more"]["data"]["text/plain"] == "43", reply
assert reply["user_expressions"]["wrong"]["status"] == "error", reply

failing = client.execute("throw new Error('first')")
dropped = client.execute("'second'")
replies = [client.get_shell_msg(timeout=10) for _ in range(2)]
assert [r["content"]["status"] for r in replies] == ["error", "aborted"], replies
assert [r["parent_header"]["msg_id"] for r in replies] == [failing, dropped]

manager.restart_kernel()
client.wait_for_ready(timeout=30)
reply, _ = run("typeof kept")
assert reply["status"] == "ok" and reply["execution_count"] == 1, reply

client.stop_channels()
manager.shutdown_kernel()
print("a session went as it should")
