use crate::arith::value;
use rust_hdl::prelude::*;
use std::collections::VecDeque;

/// A queue of up to 16 words of 32 bits in distributed RAM. A word that is put is at the front a
/// clock later at the earliest; `front` is right while `any` is high, and `take` drops it. Who puts
/// sees to it that there is room.
#[derive(LogicBlock, Default)]
pub struct Queue {
    pub clock: Signal<In, Clock>,
    pub put: Signal<In, Bit>,
    pub data: Signal<In, Bits<32>>,
    pub take: Signal<In, Bit>,
    pub any: Signal<Out, Bit>,
    pub front: Signal<Out, Bits<32>>,
    _words: VecDeque<u32>,
}

impl Queue {
    /// Words that there is room for.
    pub const ROOM: u64 = 16;
}

impl Logic for Queue {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.take.val() {
                self._words.pop_front();
            }
            if self.put.val() {
                self._words.push_back(value(self.data.val()) as u32);
            }
        }
        self.any.next = !self._words.is_empty();
        self.front.next = u64::from(self._words.front().copied().unwrap_or(0)).into();
    }

    fn connect(&mut self) {
        self.any.connect();
        self.front.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "\
reg [31:0] mem[15:0];
reg [4:0] head, tail;
initial begin head = 0; tail = 0; end
always @(posedge clock) begin
  if (put) mem[head[3:0]] <= data;
  head <= head + {4'd0, put};
  tail <= tail + {4'd0, take};
end
always @(*) any = head != tail;
always @(*) front = mem[tail[3:0]];"
                .into(),
        )
    }
}
