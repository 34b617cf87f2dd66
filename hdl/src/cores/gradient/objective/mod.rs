//! Objectives: what is minimized, each a datapath around one shared multiplier.
//!
//! An objective is a sequence of passes over the elements `0..D`; one element enters a clock.
//! It is three pieces of logic on the common ports below, and nothing else: sequencing, memories
//! and the multiplier are the [`Evaluator`](super::Evaluator)'s.
//!
//! | when | ports | meaning |
//! |---|---|---|
//! | clock 0 | in `pass`; out `span`, `earlier`, `to_scratch`, `to_gradient`, `to_value` | the pass' plan: elements 0..D, 0..=D or the first only; where results go, and whether one element earlier |
//! | | out `last_pass`, `drain` | constants: passes less 1; clocks from a pass' last element to the next pass |
//! | clock 1 | in `pass_early`, `opening_early`, `closing_early`, `point`, `point_before`, `scratch`, `datum`, `centre`; out `a`, `b`, `held_early` | the factors; `datum` is the sample's feature, or the curvature |
//! | clock 6 | in `product`, `pass_late`, `opening_late`, `closing_late`, `valid_late`, `point_late`, `scratch_late` | the product, and the operands once more, one element earlier where `earlier` |
//! | clock 9 | out `result`, `held`, `term` | a word for scratch or gradient, whether it was clamped, and a term for the value (UQ16.32, below 0 counts as 0) |
//! | | out `prediction` | the prediction of a streamed objective, Q12.20 |
//!
//! A new objective is a module with these ports, which `objective!` declares, its golden model in
//! `golden::gradient::objective`, and its line in `objectives!`.

/// A block with an objective's ports and fields of its own: `name: [type]`, which starts as its
/// default, or `name: [type] = value`.
macro_rules! objective {
    (
        $(#[$doc:meta])* $block:ident {
            $($vis:vis $field:ident: [$($type:tt)*] $(= $value:expr)?,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(LogicBlock)]
        pub struct $block {
            pub clock: Signal<In, Clock>,
            pub pass: Signal<In, Bits<2>>,
            pub span: Signal<Out, Bits<2>>,
            pub earlier: Signal<Out, Bit>,
            pub to_scratch: Signal<Out, Bit>,
            pub to_gradient: Signal<Out, Bit>,
            pub to_value: Signal<Out, Bit>,
            pub last_pass: Signal<Out, Bits<2>>,
            pub drain: Signal<Out, Bits<4>>,
            pub pass_early: Signal<In, Bits<2>>,
            pub opening_early: Signal<In, Bit>,
            pub closing_early: Signal<In, Bit>,
            pub point: Signal<In, Bits<32>>,
            pub point_before: Signal<In, Bits<32>>,
            pub scratch: Signal<In, Bits<32>>,
            pub datum: Signal<In, Bits<32>>,
            pub centre: Signal<In, Bits<32>>,
            pub a: Signal<Out, Bits<32>>,
            pub b: Signal<Out, Bits<32>>,
            pub held_early: Signal<Out, Bit>,
            pub pass_late: Signal<In, Bits<2>>,
            pub opening_late: Signal<In, Bit>,
            pub closing_late: Signal<In, Bit>,
            pub valid_late: Signal<In, Bit>,
            pub product: Signal<In, Bits<64>>,
            pub point_late: Signal<In, Bits<32>>,
            pub scratch_late: Signal<In, Bits<32>>,
            pub target: Signal<In, Bits<16>>,
            pub link: Signal<In, Bits<2>>,
            pub levels: Signal<In, Bits<5>>,
            pub result: Signal<Out, Bits<32>>,
            pub held: Signal<Out, Bit>,
            pub term: Signal<Out, Bits<56>>,
            pub prediction: Signal<Out, Bits<32>>,
            $($vis $field: $($type)*),*
        }

        impl Default for $block {
            fn default() -> Self {
                Self {
                    clock: Default::default(),
                    pass: Default::default(),
                    span: Default::default(),
                    earlier: Default::default(),
                    to_scratch: Default::default(),
                    to_gradient: Default::default(),
                    to_value: Default::default(),
                    last_pass: Default::default(),
                    drain: Default::default(),
                    pass_early: Default::default(),
                    opening_early: Default::default(),
                    closing_early: Default::default(),
                    point: Default::default(),
                    point_before: Default::default(),
                    scratch: Default::default(),
                    datum: Default::default(),
                    centre: Default::default(),
                    a: Default::default(),
                    b: Default::default(),
                    held_early: Default::default(),
                    pass_late: Default::default(),
                    opening_late: Default::default(),
                    closing_late: Default::default(),
                    valid_late: Default::default(),
                    product: Default::default(),
                    point_late: Default::default(),
                    scratch_late: Default::default(),
                    target: Default::default(),
                    link: Default::default(),
                    levels: Default::default(),
                    result: Default::default(),
                    held: Default::default(),
                    term: Default::default(),
                    prediction: Default::default(),
                    $($field: initial!($($value)?)),*
                }
            }
        }
    };
}

mod griewank;
mod linear;
mod quadratic;
mod rastrigin;
mod rosenbrock;
mod styblinski;
mod wave;

pub use griewank::Griewank;
pub use linear::Linear;
pub use quadratic::Quadratic;
pub use rastrigin::Rastrigin;
pub use rosenbrock::Rosenbrock;
pub use styblinski::Styblinski;

use rust_hdl::prelude::*;

macro_rules! objectives {
    (
        $($name:ident: $kind:ident = $number:tt,
          clocks $a:literal D + $b:literal, products $c:literal D + $d:literal;)*
    ) => {
        /// Every objective, and what an iteration of it takes in D dimensions.
        ///
        /// | objective | number | clocks | products |
        /// |---|---|---|---|
        $(#[doc = concat!(
            "| [`", stringify!($kind), "`] | ", $number, " | ",
            $a, " D + ", $b, " | ", $c, " D + ", $d, " |"
        )])*
        pub const OBJECTIVES: &[Entry] = &[$(Entry {
            name: stringify!($name),
            number: $number,
            clocks: Linearly($a, $b),
            products: Linearly($c, $d),
        }),*];

        objective! {
            /// Every objective, and the choice between them: `select` is the number in the
            /// register. One whose bit in `built` is 0 is never chosen, and synthesis leaves it
            /// out.
            Objectives {
                pub select: [Signal<In, Bits<3>>],
                built: [Constant<Bits<8>>] = Constant::new(0xff_u64.into()),
                $($name: [$kind],)*
            }
        }

        impl Objectives {
            /// With the objectives whose bits are set, by their numbers.
            pub fn new(built: u16) -> Self {
                Self { built: Constant::new(u64::from(built).into()), ..Default::default() }
            }
        }

        impl Logic for Objectives {
            #[hdl_gen]
            fn update(&mut self) {
                $(
                    self.$name.clock.next = self.clock.val();
                    self.$name.pass.next = self.pass.val();
                    self.$name.pass_early.next = self.pass_early.val();
                    self.$name.opening_early.next = self.opening_early.val();
                    self.$name.closing_early.next = self.closing_early.val();
                    self.$name.point.next = self.point.val();
                    self.$name.point_before.next = self.point_before.val();
                    self.$name.scratch.next = self.scratch.val();
                    self.$name.datum.next = self.datum.val();
                    self.$name.centre.next = self.centre.val();
                    self.$name.pass_late.next = self.pass_late.val();
                    self.$name.opening_late.next = self.opening_late.val();
                    self.$name.closing_late.next = self.closing_late.val();
                    self.$name.valid_late.next = self.valid_late.val();
                    self.$name.product.next = self.product.val();
                    self.$name.point_late.next = self.point_late.val();
                    self.$name.scratch_late.next = self.scratch_late.val();
                    self.$name.target.next = self.target.val();
                    self.$name.link.next = self.link.val();
                    self.$name.levels.next = self.levels.val();
                )*
                self.span.next = 0.into();
                self.earlier.next = false;
                self.to_scratch.next = false;
                self.to_gradient.next = false;
                self.to_value.next = false;
                self.last_pass.next = 0.into();
                self.drain.next = 1.into();
                self.a.next = 0.into();
                self.b.next = 0.into();
                self.held_early.next = false;
                self.result.next = 0.into();
                self.held.next = false;
                self.term.next = 0.into();
                self.prediction.next = 0.into();
                $(
                    if (self.select.val() == $number) & self.built.val().get_bit($number) {
                        self.span.next = self.$name.span.val();
                        self.earlier.next = self.$name.earlier.val();
                        self.to_scratch.next = self.$name.to_scratch.val();
                        self.to_gradient.next = self.$name.to_gradient.val();
                        self.to_value.next = self.$name.to_value.val();
                        self.last_pass.next = self.$name.last_pass.val();
                        self.drain.next = self.$name.drain.val();
                        self.a.next = self.$name.a.val();
                        self.b.next = self.$name.b.val();
                        self.held_early.next = self.$name.held_early.val();
                        self.result.next = self.$name.result.val();
                        self.held.next = self.$name.held.val();
                        self.term.next = self.$name.term.val();
                        self.prediction.next = self.$name.prediction.val();
                    }
                )*
            }
        }
    };
}

/// What is known of an objective beside its logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: &'static str,
    /// In the register `OBJECTIVE`.
    pub number: u16,
    /// Of an iteration: for a function from its start to the core free again, for a sample from
    /// its first word to the result valid.
    pub clocks: Linearly,
    /// Of an iteration: what one multiplier would take, a clock each.
    pub products: Linearly,
}

/// `a D + b` in `D` dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linearly(u64, i64);

impl Linearly {
    /// In so many dimensions.
    pub fn at(self, dimension: usize) -> u64 {
        (self.0 * dimension as u64).saturating_add_signed(self.1)
    }
}

// The registration: a field, the module, its number in the register `OBJECTIVE`, and what an
// iteration takes.
objectives! {
    rosenbrock: Rosenbrock = 0, clocks 7 D + 59, products 4 D + -4;
    quadratic: Quadratic = 1, clocks 5 D + 38, products 2 D + 0;
    linear: Linear = 2, clocks 6 D + 62, products 2 D + 1;
    styblinski: Styblinski = 3, clocks 6 D + 48, products 3 D + 0;
    rastrigin: Rastrigin = 4, clocks 7 D + 60, products 4 D + 0;
    griewank: Griewank = 5, clocks 7 D + 60, products 4 D + 0;
}
