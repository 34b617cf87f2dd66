//! The register of objectives: a module and a line each, from which the model, the core's driver,
//! the command line and the tests take what they need.

pub mod griewank;
pub mod linear;
pub mod quadratic;
pub mod rastrigin;
pub mod rosenbrock;
pub mod styblinski;
pub mod wave;

use super::reference::Reference;
use super::{saturate, Evaluation, Gradient, Sample, Saturated, Value, MAX_DIMENSION};
use serde::{Deserialize, Serialize};

/// From the centre, each clamped to Q4.28.
fn offsets(x: &[i32], centre: &[i32], saturated: &mut Saturated) -> Vec<i32> {
    let pairs = x.iter().zip(centre);
    let offset = |(&x, &z): (&i32, &i32)| {
        let (u, held) = saturate(i64::from(x) - i64::from(z));
        saturated.gradient |= held;
        u
    };
    pairs.map(offset).collect()
}

/// What kind of thing is learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// The minimum of a function, without samples.
    Function,
    /// A number for each sample.
    Regression,
    /// One of two classes: their targets, and the prediction (Q12.20) from which on it is the
    /// second.
    Classification { targets: (f64, f64), threshold: i32 },
}

const ZERO_ONE: Kind = Kind::Classification { targets: (0.0, 1.0), threshold: 1 << 19 };
const SIGNS: Kind = Kind::Classification { targets: (-1.0, 1.0), threshold: 0 };

macro_rules! objectives {
    ($($(#[$doc:meta])* $variant:ident $name:literal, $kind:expr, from $least:literal dimensions,
       objective $number:literal link $link:literal, $model:expr, $exact:expr;)*) => {
        /// What is minimized.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Objective {
            $($(#[$doc])* #[serde(rename = $name)] $variant),*
        }

        impl Objective {
            /// Every objective.
            pub const ALL: &[Objective] = &[$(Objective::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Objective::$variant => $name),* }
            }

            pub fn kind(self) -> Kind {
                match self { $(Objective::$variant => $kind),* }
            }

            /// Fewest dimensions.
            pub fn least_dimension(self) -> usize {
                match self { $(Objective::$variant => $least),* }
            }

            /// Its numbers in the registers: objective, and link.
            pub fn numbers(self) -> (u8, u8) {
                match self { $(Objective::$variant => ($number, $link)),* }
            }

            pub(super) fn evaluate(self, model: &Gradient, sample: &Sample) -> Evaluation {
                let evaluate: fn(&Gradient, &Sample) -> Evaluation = match self {
                    $(Objective::$variant => $model),*
                };
                evaluate(model, sample)
            }

            pub(super) fn exact(self, model: &Reference, a: &[f64], t: f64) -> (f64, Vec<f64>) {
                let exact: fn(&Reference, &[f64], f64) -> (f64, Vec<f64>) = match self {
                    $(Objective::$variant => $exact),*
                };
                exact(model, a, t)
            }
        }
    };
}

objectives! {
    /// [`rosenbrock`]
    Rosenbrock "rosenbrock", Kind::Function, from 2 dimensions, objective 0 link 0,
        |m, _| rosenbrock::evaluate(m.used(&m.point)), |r, _, _| rosenbrock::exact(&r.point);
    /// [`quadratic`]
    Quadratic "quadratic", Kind::Function, from 1 dimensions, objective 1 link 0,
        |m, _| quadratic::evaluate(
            m.used(&m.point), m.used(&m.curvature), m.used(&m.centre)),
        |r, _, _| quadratic::exact(&r.point, &r.curvature, &r.centre);
    /// [`styblinski`]
    Styblinski "styblinski", Kind::Function, from 1 dimensions, objective 3 link 0,
        |m, _| styblinski::evaluate(m.used(&m.point)), |r, _, _| styblinski::exact(&r.point);
    /// [`rastrigin`]
    Rastrigin "rastrigin", Kind::Function, from 1 dimensions, objective 4 link 0,
        |m, _| rastrigin::evaluate(m.used(&m.point), m.used(&m.centre)),
        |r, _, _| rastrigin::exact(&r.point, &r.centre);
    /// [`griewank`]
    Griewank "griewank", Kind::Function, from 2 dimensions, objective 5 link 0,
        |m, _| griewank::evaluate(m.used(&m.point), m.used(&m.centre)),
        |r, _, _| griewank::exact(&r.point, &r.centre);
    /// [`linear`], identity
    LeastSquares "least-squares", Kind::Regression, from 1 dimensions, objective 2 link 0,
        |m, s| linear::evaluate(&m.link(), m.used(&m.point), s),
        |r, a, t| linear::exact(&r.link(), &r.point, a, t);
    /// [`linear`], sigmoid
    Logistic "logistic", ZERO_ONE, from 1 dimensions, objective 2 link 1,
        |m, s| linear::evaluate(&m.link(), m.used(&m.point), s),
        |r, a, t| linear::exact(&r.link(), &r.point, a, t);
    /// [`linear`], levels
    Perceptron "perceptron", SIGNS, from 1 dimensions, objective 2 link 2,
        |m, s| linear::evaluate(&m.link(), m.used(&m.point), s),
        |r, a, t| linear::exact(&r.link(), &r.point, a, t);
}

impl Objective {
    /// It needs a sample for each iteration.
    pub fn streams(self) -> bool {
        self.kind() != Kind::Function
    }

    /// Most dimensions.
    pub fn most_dimension(self) -> usize {
        match self {
            Objective::Griewank => 2,
            _ => MAX_DIMENSION,
        }
    }

    /// The objective of these numbers in the registers.
    pub fn from_numbers(objective: u8, link: u8) -> Option<Self> {
        let is = |o: &&Self| o.numbers().0 == objective && (!o.streams() || o.numbers().1 == link);
        Self::ALL.iter().find(is).copied()
    }

    /// The objective of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|o| o.name() == name).copied()
    }

    /// The link of a linear model with so many levels.
    pub(super) fn link(self, levels: u32) -> linear::Link {
        match self.numbers().1 {
            1 => linear::Link::Sigmoid,
            2 => linear::Link::Levels(levels),
            _ => linear::Link::Identity,
        }
    }
}
