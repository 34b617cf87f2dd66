"""The time that CYCLES clocks take under cocotb, into the file FOUND.

`fixlearn bench` calls it: clocked.py TOP.v FLAGS..., the flags being those of its own simulation.
"""

import os
import sys
import time

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge


@cocotb.test()
async def idle(dut):
    cycles, high = int(os.environ["CYCLES"]), 0
    dut.rx.value = 1
    cocotb.start_soon(Clock(dut.clock, 10, "ns").start())
    edge = RisingEdge(dut.clock)
    await edge
    begun = time.perf_counter()
    for _ in range(cycles):
        dut.rx.value = 1
        await edge
        high += int(dut.tx.value)
    took = time.perf_counter() - begun
    with open(os.environ["FOUND"], "w") as out:
        out.write(f"{took} {high}")


if __name__ == "__main__":
    from cocotb.runner import get_runner

    runner = get_runner("verilator")
    sources, flags = [sys.argv[1]], sys.argv[2:]
    runner.build(verilog_sources=sources, hdl_toplevel="top", build_args=flags)
    runner.test(hdl_toplevel="top", test_module="clocked")
