use fixlearn_sim::golden::gradient::*;
fn main() {
    let mut core = fixlearn_tests::gradient::core(str::to_string);
    for &objective in Objective::ALL {
        if !objective.streams() {
            continue;
        }
        for d in [1usize, 2, 3, 10, 63, 64] {
            let config = Config { objective, dimension: d, ..Config::power_up() };
            core.load(&Gradient::new(config, vec![1 << 20; d]));
            let sample = Sample { features: vec![77; d], target: 1 };
            let (_, took) = core.run(&sample, false, &[0]);
            println!("{objective:?} {d} {took} {}", took as i64 - 4 * d as i64);
        }
    }
}
