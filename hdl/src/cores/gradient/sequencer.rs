use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum State {
    Idle,
    Run,
    Drain,
}

/// Runs an objective's passes: one element a clock, then `drain` clocks until the last one's
/// results are in.
///
/// `span` 0: elements `0..=last`; 1: one more; 2: the first only. It is asked for with each
/// pass' number.
#[derive(LogicBlock, Default)]
pub struct Sequencer {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub last: Signal<In, Bits<6>>,
    pub last_pass: Signal<In, Bits<2>>,
    pub drain: Signal<In, Bits<4>>,
    pub span: Signal<In, Bits<2>>,
    pub pass: Signal<Out, Bits<2>>,
    pub index: Signal<Out, Bits<7>>,
    pub valid: Signal<Out, Bit>,
    pub opening: Signal<Out, Bit>,
    pub closing: Signal<Out, Bit>,
    /// High in the last clock.
    pub done: Signal<Out, Bit>,
    state: DFF<State>,
    pass_now: DFF<Bits<2>>,
    index_now: DFF<Bits<7>>,
    rest: DFF<Bits<4>>,
    end_at: Signal<Local, Bits<7>>,
    at_end: Signal<Local, Bit>,
}

impl Logic for Sequencer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, pass_now, index_now, rest);
        self.end_at.next = bit_cast::<7, 6>(self.last.val());
        if self.span.val() == 1 {
            self.end_at.next = bit_cast::<7, 6>(self.last.val()) + 1;
        }
        if self.span.val() == 2 {
            self.end_at.next = 0.into();
        }
        self.at_end.next = self.index_now.q.val() == self.end_at.val();
        self.pass.next = self.pass_now.q.val();
        self.index.next = self.index_now.q.val();
        self.opening.next = false;
        self.closing.next = self.at_end.val();
        self.valid.next = false;
        self.done.next = false;
        match self.state.q.val() {
            State::Idle => {
                self.pass_now.d.next = 0.into();
                self.index_now.d.next = 0.into();
                if self.start.val() {
                    self.state.d.next = State::Run;
                }
            }
            State::Run => {
                self.valid.next = true;
                self.opening.next = !self.index_now.q.val().any();
                self.index_now.d.next = self.index_now.q.val() + 1;
                self.rest.d.next = self.drain.val();
                if self.at_end.val() {
                    self.index_now.d.next = 0.into();
                    self.state.d.next = State::Drain;
                }
            }
            State::Drain => {
                self.rest.d.next = self.rest.q.val() - 1;
                if self.rest.q.val() == 1 {
                    self.pass_now.d.next = self.pass_now.q.val() + 1;
                    self.state.d.next = State::Run;
                    if self.pass_now.q.val() == self.last_pass.val() {
                        self.done.next = true;
                        self.state.d.next = State::Idle;
                    }
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
    }
}
