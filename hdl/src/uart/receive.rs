use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Idle,
    Start,
    Data,
    Stop,
    Break,
}

/// Receiver: the line passes two flip-flops, a falling edge starts the phase at half a bit, and
/// every later bit is sampled in its middle. A start bit that is high in its middle is a glitch
/// and ignored; a stop bit that is low raises `framing_error`, and nothing is received until the
/// line is high again.
#[derive(LogicBlock)]
pub struct UartReceive {
    pub clock: Signal<In, Clock>,
    pub rx: Signal<In, Bit>,
    pub data: Signal<Out, Bits<8>>,
    /// Strobe: `data` is a whole byte.
    pub valid: Signal<Out, Bit>,
    pub framing_error: Signal<Out, Bit>,
    meta: DFFWithInit<Bit>,
    line: DFFWithInit<Bit>,
    state: DFF<State>,
    phase: DFF<Bits<25>>,
    count: DFF<Bits<3>>,
    shift: DFF<Bits<8>>,
    valid_out: DFF<Bit>,
    error_out: DFF<Bit>,
    tick: Signal<Local, Bit>,
    fraction: Signal<Local, Bits<25>>,
    increment: Constant<Bits<25>>,
    half: Constant<Bits<25>>,
    mask: Constant<Bits<25>>,
    top: Constant<Bits<8>>,
    zero: Constant<Bits<3>>,
    one: Constant<Bits<3>>,
}

impl UartReceive {
    pub fn new(clock_hz: u64, baud: u64) -> Self {
        Self {
            clock: Default::default(),
            rx: Default::default(),
            data: Default::default(),
            valid: Default::default(),
            framing_error: Default::default(),
            meta: DFFWithInit::new(true),
            line: DFFWithInit::new(true),
            state: Default::default(),
            phase: Default::default(),
            count: Default::default(),
            shift: Default::default(),
            valid_out: Default::default(),
            error_out: Default::default(),
            tick: Default::default(),
            fraction: Default::default(),
            increment: Constant::new(super::increment(clock_hz, baud).into()),
            half: Constant::new((1_u64 << 23).into()),
            mask: Constant::new(((1_u64 << 24) - 1).into()),
            top: Constant::new(0x80_u64.into()),
            zero: Constant::new(0_u64.into()),
            one: Constant::new(1_u64.into()),
        }
    }
}

impl Logic for UartReceive {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, meta, line, state, phase, count, shift, valid_out, error_out);
        self.meta.d.next = self.rx.val();
        self.line.d.next = self.meta.q.val();
        self.valid_out.d.next = false;
        self.error_out.d.next = false;
        self.tick.next = self.phase.q.val().get_bit(24);
        self.fraction.next = self.phase.q.val() & self.mask.val();
        self.phase.d.next = self.fraction.val() + self.increment.val();
        match self.state.q.val() {
            State::Idle => {
                self.phase.d.next = self.half.val() + self.increment.val();
                if !self.line.q.val() {
                    self.state.d.next = State::Start;
                }
            }
            State::Start => {
                self.count.d.next = self.zero.val();
                if self.tick.val() {
                    self.state.d.next = State::Data;
                    if self.line.q.val() {
                        self.state.d.next = State::Idle;
                    }
                }
            }
            State::Data => {
                if self.tick.val() {
                    self.shift.d.next = self.shift.q.val() >> 1;
                    if self.line.q.val() {
                        self.shift.d.next = (self.shift.q.val() >> 1) | self.top.val();
                    }
                    self.count.d.next = self.count.q.val() + self.one.val();
                    if self.count.q.val() == 7 {
                        self.state.d.next = State::Stop;
                    }
                }
            }
            State::Stop => {
                if self.tick.val() {
                    if self.line.q.val() {
                        self.valid_out.d.next = true;
                        self.state.d.next = State::Idle;
                    } else {
                        self.error_out.d.next = true;
                        self.state.d.next = State::Break;
                    }
                }
            }
            State::Break => {
                if self.line.q.val() {
                    self.state.d.next = State::Idle;
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.data.next = self.shift.q.val();
        self.valid.next = self.valid_out.q.val();
        self.framing_error.next = self.error_out.q.val();
    }
}
