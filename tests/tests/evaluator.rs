//! The objective block's interface: valid/ready both ways, with pauses of either side, and the
//! gradient a second time after `rewind`.

use fixlearn_hdl::design::GradientDesign;
use fixlearn_sim::cosim::{build, Flags, Model};
use fixlearn_sim::golden::cores::gradient::objective::{quadratic, rosenbrock};
use fixlearn_sim::golden::cores::gradient::Evaluation;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use std::cell::RefCell;

struct Block(Model);

impl Block {
    fn set(&mut self, port: &str, value: u64) {
        let port = self.0.port(port);
        self.0.set(port, value);
    }

    fn get(&mut self, port: &str) -> u64 {
        self.0.settle();
        self.0.get(self.0.port(port))
    }

    fn write(&mut self, space: u64, words: &[i32]) {
        for (i, &word) in words.iter().enumerate() {
            self.set("write_space", space);
            self.set("address", i as u64);
            self.set("write_data", u64::from(word as u32));
            self.set("write", 1);
            self.0.step();
        }
        self.set("write", 0);
    }

    fn give(&mut self, point: &[i32], mut pause: impl FnMut() -> u8) {
        for &x in point {
            (0..pause()).for_each(|_| self.0.step());
            self.set("point_data", u64::from(x as u32));
            self.set("point_valid", 1);
            while self.get("point_ready") == 0 {
                self.0.step();
            }
            self.0.step();
            self.set("point_valid", 0);
        }
    }

    /// As many components as there are, each stable while it waits.
    fn take(&mut self, count: usize, mut pause: impl FnMut() -> u8) -> Vec<i32> {
        let mut found = Vec::new();
        for _ in 0..count {
            let mut waited = 0;
            while self.get("gradient_valid") == 0 {
                self.0.step();
                waited += 1;
                assert!(waited < 2000, "no gradient");
            }
            let component = self.get("gradient_data");
            for _ in 0..pause() {
                self.0.step();
                assert_eq!(self.get("gradient_valid"), 1, "a stalled component stays valid");
                assert_eq!(self.get("gradient_data"), component, "and does not change");
            }
            self.set("gradient_ready", 1);
            self.0.step();
            self.set("gradient_ready", 0);
            found.push(component as u32 as i32);
        }
        found
    }
}

#[test]
fn the_interface_holds_with_pauses_on_both_sides() {
    let model = build(&GradientDesign::evaluator_verilog(), Flags::default());
    let block = RefCell::new(Block(model.expect("it verilates")));
    let words = |d| prop::collection::vec(-(1_i32 << 29)..1 << 29, d);
    let cases = (2_usize..=64).prop_flat_map(move |d| {
        let pauses = prop::collection::vec(0_u8..4, 1..9);
        (words(d), words(d), prop::collection::vec(0..i32::MAX, d), any::<bool>(), pauses)
    });
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() };
    let outcome = TestRunner::new(config).run(&cases, |(x, z, c, bowl, pauses)| {
        let mut block = block.borrow_mut();
        let mut pauses = pauses.into_iter().cycle();
        let mut pause = || pauses.next().unwrap_or(0);
        block.set("objective", bowl.into());
        block.set("last", x.len() as u64 - 1);
        block.write(0, &c);
        block.write(1, &z);
        let Evaluation { gradient, value, saturated } =
            if bowl { quadratic::evaluate(&x, &c, &z) } else { rosenbrock::evaluate(&x) };
        block.give(&x, &mut pause);
        let found = block.take(x.len(), &mut pause);
        prop_assert_eq!(&found, &gradient);
        prop_assert_eq!(block.get("value"), value);
        prop_assert_eq!(block.get("gradient_held") != 0, saturated.gradient);
        prop_assert_eq!(block.get("value_held") != 0, saturated.value);
        block.set("rewind", 1);
        block.0.step();
        block.set("rewind", 0);
        let again = block.take(x.len(), &mut pause);
        prop_assert_eq!(&again, &gradient);
        Ok(())
    });
    if let Err(why) = outcome {
        panic!("{why}");
    }
}
