//! What a wire or a file can hold does not make the host panic, nor a board answer wrongly.

use fixlearn_hdl::design::Design;
use fixlearn_sim::board::Board;
use fixlearn_tests::cores::vq::{self, Vq};
use fixlearn_tests::formal::mutant;
use fixlearn_tests::fuzz::{decoder, targets, Luck, Outcome};
use fixlearn_tests::runner::{failure, repeatable};
use fixlearn_tests::sessions;

#[test]
fn damaged_frames() {
    let (mut luck, mut decoder) = (Luck::new(7), decoder());
    let through = (0..300_000)
        .filter(|_| {
            let frame = luck.frame();
            (decoder.feed)(&luck.spoil(&frame)) == Outcome::Read
        })
        .count();
    assert!(through > 1000, "the faults leave some frames whole: {through}");
}

/// Every input, damaged, is read, or refused with an error of one line.
#[test]
fn damaged_inputs() {
    for mut target in targets() {
        assert_eq!((target.feed)(&target.good.clone()), Outcome::Read, "{}", target.name);
        let mut luck = Luck::new(11);
        let count = if target.name == "board" { 60 } else { 3000 };
        let refused = (0..count)
            .filter(|_| (target.feed)(&luck.spoil(&target.good)) != Outcome::Read)
            .count();
        assert!(refused > 0, "{}: some are refused", target.name);
    }
}

/// And every one that was kept.
#[test]
fn kept_inputs() {
    for mut target in targets() {
        let kept = target.kept();
        assert!(kept.len() > 1, "{} is not there", target.corpus().display());
        for input in kept {
            (target.feed)(&input);
        }
    }
}

/// The first of `count` random sessions in which a board, its Verilog changed, answers otherwise
/// than `golden::link`.
fn sessions(count: u32, change: impl Fn(&str) -> String) -> Option<String> {
    let design = vq::design(16, 4, 1);
    let verilog = change(&design.top_verilog().expect("the size is on offer"));
    failure(repeatable(count), &sessions::sessions(), |session| {
        let board = Board::from_verilog(&verilog, &design).expect("it verilates");
        sessions::differs::<Vq>(&design, board, session, |_| ())
    })
}

#[test]
fn sessions_notice_mutants_of_the_link() {
    for (from, to) in [
        // A gap is answered each time; 128 behind is a duplicate; a frame of 4 bytes is one; a
        // repeated READ is only acknowledged; RANGE is not kept.
        ("nak_sent$d = 1'b1", "nak_sent$d = 1'b0"),
        ("~behind[32'h7]", "1'b1"),
        ("position$q < 32'h5", "position$q < 32'h4"),
        ("(command$q == 32'h5) | (command$q == 32'h6)", "command$q == 32'h5"),
        ("if (bus_refused)", "if (1'b0)"),
    ] {
        let found = sessions(400, |verilog| mutant(verilog, from, to));
        assert!(found.is_some(), "not noticed: `{to}` in the place of `{from}`");
    }
}
