#![doc = include_str!("../../../host/docs/samples.md")]

/// What a design with something before its core says as the core's own does, its field `design`.
macro_rules! as_its_core {
    () => {
        fn core(&self) -> &'static fixlearn_map::Core {
            self.design.core()
        }

        fn beat(&self) -> usize {
            self.design.beat()
        }

        fn multipliers(&self) -> usize {
            self.design.multipliers()
        }

        fn rated_dimension(&self) -> usize {
            self.design.rated_dimension()
        }

        fn learn_clocks(&self, dimension: usize) -> u64 {
            self.design.learn_clocks(dimension)
        }

        fn recall_clocks(&self, dimension: usize) -> Option<u64> {
            self.design.recall_clocks(dimension)
        }

        fn advice(&self) -> String {
            self.design.advice()
        }
    };
}

mod between;
mod block;
mod door;
mod order;
mod packed;
mod rows;
mod sdram;
mod spread;
mod stored;

pub use block::Samples;
pub use door::Door;
pub use order::{Merge, Order, Split};
pub use packed::{Packed, PACKED};
pub use rows::FromRows;
pub use sdram::FromSdram;
pub use spread::Spread;
pub use stored::{named, Stored, SAMPLES, SDRAM};
