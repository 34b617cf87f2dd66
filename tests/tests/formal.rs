//! Proofs about the generated Verilog, and for each property a mutant of which it is not true.

use fixlearn_hdl::arith::{Clamp, SaturatingAdd, ScaleSaturating};
use fixlearn_hdl::cores::gradient::{Evaluator, GradientCore, Linear, Settle};
use fixlearn_hdl::cores::vq::wide::WideCore;
use fixlearn_hdl::cores::vq::VqCore;
use fixlearn_hdl::fabric::Fabric;
use fixlearn_hdl::link::{Crc24, Engine as CommandEngine, Receiver, Transmitter};
use fixlearn_hdl::sdram::{Clocks, Sdram, CHIPS};
use fixlearn_hdl::uart::{UartReceive, UartTransmit};
use fixlearn_hdl::verilog::of;
use fixlearn_map::link::Identity;
use fixlearn_tests::formal::{any_state, free, mutant, properties, proved, within, Engine};

/// Every byte that the transmitter takes goes over the line as 8N1, and the receiver has it, in
/// order, in time and without a framing error.
#[test]
fn uart() {
    let (clock, baud) = (12_000_000, 3_000_000);
    let design = of(UartTransmit::new(clock, baud), "uart_transmit")
        + &of(UartReceive::new(clock, baud), "uart_receive")
        + &properties("uart.sv");
    let mutants = [
        // No stop bit; sampled at a bit's edge.
        ("localparam  stop = 10'b1000000000", "localparam  stop = 10'b0"),
        ("localparam  half = 25'h800000", "localparam  half = 25'h0"),
    ];
    proved("harness", &design, Engine::Unbounded, &mutants);
}

#[test]
fn crc() {
    let design = of(Crc24::default(), "crc24") + &properties("crc.sv");
    let mutants = [("24'h328b63;", "24'h328b61;"), ("crc << 32'h8", "crc << 32'h7")];
    proved("harness", &design, Engine::Unbounded, &mutants);
}

/// The decoder's slots are a ring of which only the free one at the head is written, and never
/// beyond its end.
#[test]
fn receiver() {
    let design = of(Receiver::default(), "receiver");
    let design = free(&design, &["receiver$slots", "receiver$check"]);
    let design = within(&design, "receiver", &properties("receiver.sv"));
    let mutants = [
        ("held$q != 32'h8", "held$q != 32'h9"),
        ("head$d = head$q + one3", "head$d = head$q"),
        ("localparam  limit = 8'hfe", "localparam  limit = 8'hff"),
        ("position$q < 32'h5", "position$q < 32'h4"),
    ];
    proved("receiver", &design, Engine::Unbounded, &mutants);
}

/// After any garbage, a delimiter and a good frame are accepted.
#[test]
fn resynchronize() {
    let design = any_state(&of(Receiver::default(), "receiver"));
    let design = free(&design, &["receiver$slots", "receiver$check"]);
    let design = within(&design, "receiver", &properties("resynchronize.sv"));
    let mutants = [
        ("problem$d = none", "problem$d = problem$q"),
        ("crc$d = crc_reset", "crc$d = crc$q"),
        ("implied$d = data != 32'hff", "implied$d = 1'b0"),
    ];
    proved("receiver", &design, Engine::Bounded(13), &mutants);
}

/// What the transmitter offers to the UART stays until it is taken, and no bank that waits is
/// written.
#[test]
fn transmitter() {
    let design = of(Transmitter::default(), "transmitter");
    let design = free(&design, &["transmitter$banks", "transmitter$check"]);
    let design = within(&design, "transmitter", &properties("transmitter.sv"));
    let mutants = [
        ("open = ~full_0$q", "open = 1'b1"),
        (
            "if (out_ready) begin\n                        sent$d",
            "if (1'b1) begin\n                        sent$d",
        ),
    ];
    proved("transmitter", &design, Engine::Unbounded, &mutants);
}

/// The command engine keeps the rules of every handshake.
#[test]
fn engine() {
    let identity = Identity {
        core: 0,
        parameters: [0; 16],
        answer: 4,
        slots: 8,
        clock_hz: 1,
        baud: 1,
        samples: None,
        unpacks: false,
    };
    let design = of(CommandEngine::<16>::new(identity, 15, false), "engine");
    let design = free(&design, &["engine$counters", "engine$identity", "engine$epoch"]);
    let design = within(&design, "engine", &properties("engine.sv"));
    let mutants = [("sample_valid = 1'b1", "sample_valid = ~busy")];
    proved("engine", &design, Engine::Unbounded, &mutants);
}

/// The quantizer's results stay until they are taken, one for each vector.
#[test]
fn vq() {
    let design = of(VqCore::<6, 1, 8, 1>::new(16, 4, false, Fabric::Inferred), "vq");
    let inner = [
        "samples",
        "counts",
        "lanes$0",
        "units$0",
        "noise",
        "registers$memory",
        "gain",
        "winner$scale",
    ];
    let names: Vec<String> = inner.iter().map(|name| format!("vq${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let rules = properties("core.sv")
        .replace("RESULT", "result")
        .replace("LAST", "sample_valid && sample_ready && closing");
    let design = within(&design, "vq", &rules);
    let mutants = [
        ("state$d = State$Report", "state$d = State$Load"),
        ("if (winner$found) begin", "if (1'b1) begin"),
    ];
    proved("vq", &design, Engine::Unbounded, &mutants);
}

/// The wide quantizer's results are one for each vector, in its queue until they are taken, with
/// several vectors on their way, in the first 34 clocks; its banks and words are anything here.
#[test]
fn wide() {
    type Small = WideCore<5, 3, 1, 2, 4, 32, 2, 16>;
    let design = of(Small::new(16, 4, false, false, Fabric::Inferred), "wide");
    let inner = [
        "banks$0",
        "banks$1",
        "rows",
        "lanes",
        "nearest",
        "best$scale",
        "words$0",
        "words$1",
        "units$0",
        "units$1",
        "new_row",
        "gain",
        "noise",
        "samples",
        "counts",
        "registers$memory",
    ];
    let names: Vec<String> = inner.iter().map(|name| format!("wide${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let design = within(&design, "wide", &properties("wide.sv"));
    // Clearing takes two clocks here.
    let design = mutant(&design, "sweep_last = 16'hff", "sweep_last = 16'h1");
    let mutants = [
        ("(next_learns & |flight$q)", "1'b0"),
        ("result_valid = |results$q", "result_valid = |flight$q"),
    ];
    proved("wide", &design, Engine::Bounded(34), &mutants);
}

/// The gradient core gives one result for each sample, and holds it up until it is taken. The
/// evaluator is anything here; the result's value is the evaluator's prediction, which stays while
/// no point is offered (see `evaluator` and `linear`).
#[test]
fn gradient() {
    let design = of(GradientCore::new(4, Fabric::Inferred), "gradient");
    let inner = ["evaluator", "narrow", "largest", "noise", "points", "point_residues"];
    let more = ["gradient_residues", "registers$memory"];
    let names: Vec<String> =
        inner.iter().chain(&more).map(|name| format!("gradient${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let rules = properties("core.sv")
        .replace("RESULT", "32'd0")
        .replace("LAST", "sample_valid && sample_ready && state$d == State$Point");
    let stays = "  always @(posedge clock) assert (!result_valid || !evaluator$point_valid);\n";
    let design = within(&design, "gradient", &(rules + stays));
    let mutants = [
        ("result_valid = 1'b1", "result_valid = sample_data[0]"),
        ("if (result_ready) begin", "if (1'b1) begin"),
        ("result_valid = 1'b1", "result_valid = 1'b1; evaluator$point_valid = 1'b1"),
    ];
    proved("gradient", &design, Engine::Unbounded, &mutants);
}

/// The codeword's update saturates as it is defined.
#[test]
fn saturating_add() {
    let design = of(SaturatingAdd::default(), "saturating_add") + &properties("saturating_add.sv");
    let mutants = [("> 18'd32640", "> 18'd32641"), ("if (total[18])", "if (total[17])")];
    proved("harness", &design, Engine::Unbounded, &mutants);
}

/// So does the gradient core's: a component's step with its bounds, and the narrowing of sums.
#[test]
fn settle() {
    let design = of(Settle::default(), "settle") + &properties("settle.sv");
    let mutants = [
        ("y <= above ? high : below ? low", "y <= below ? high : above ? low"),
        ("kept == 47'd0", "moved == 47'd0"),
    ];
    proved("harness", &design, Engine::Induction(6), &mutants);
}

#[test]
fn clamp() {
    let design = of(Clamp::<52, 32>::default(), "clamp") + &properties("clamp.sv");
    let mutants = [("x[51:31] != {21{x[51]}}", "x[51:32] != {20{x[51]}}")];
    proved("harness", &design, Engine::Induction(3), &mutants);
}

/// And the product of distance and win count, from its two partial products.
#[test]
fn scale() {
    let design = of(ScaleSaturating::new(Fabric::Inferred), "scale");
    let design = mutant(&design, "a1[15:0] * b1", "any_low");
    let design = mutant(&design, "a1[23:16] * b1", "any_high");
    let any = "(* anyseq *) wire [31:0] any_low; (* anyseq *) wire [23:0] any_high;\n";
    let design = mutant(&design, "reg [15:0] b1;", &format!("{any}reg [15:0] b1;"));
    let design = within(&design, "scale", &properties("scale.sv"));
    let mutants = [("|s[39:32]", "|s[38:32]"), ("32'hffffffff : s", "32'hfffffffe : s")];
    proved("scale", &design, Engine::Induction(6), &mutants);
}

/// The objective block's components stay until they are taken, one for each dimension; a
/// prediction is said to be there when it no longer changes.
#[test]
fn evaluator() {
    let design = of(Evaluator::new(4, Fabric::Inferred), "evaluator");
    let inner = ["objectives", "multiply", "points", "points_late", "scratches", "scratches_late"];
    let more = ["data", "centres", "gradients"];
    let names: Vec<String> =
        inner.iter().chain(&more).map(|name| format!("evaluator${name}")).collect();
    let design = free(&design, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let rules = properties("evaluator.sv").replace("QUIET", QUIET);
    let design = within(&design, "evaluator", &rules);
    let mutants = [
        ("if (taken) begin", "if (1'b1) begin"),
        ("gradient_valid = offered$q", "gradient_valid = offered$q & ~point_valid"),
    ];
    proved("evaluator", &design, Engine::Unbounded, &mutants);
}

/// Clocks in which nothing is added to the sum, after which a prediction no longer changes.
const QUIET: &str = "8";

/// A linear model's prediction settles.
#[test]
fn linear() {
    let design = any_state(&of(Linear::default(), "linear"));
    let design = free(&design, &["linear$sigmoid", "linear$level"]);
    let rules = properties("linear.sv").replace("QUIET", QUIET);
    let design = within(&design, "linear", &rules);
    let mutants = [("sum$d = sum_narrow$y", "sum$d = sum_narrow$y ^ {31'd0, opening_early}")];
    proved("linear", &design, Engine::Bounded(24), &mutants);
}

/// The controller of an SDRAM keeps the chip's times, whatever is wanted of it: those of a short
/// data sheet, on a chip of half a word and on one of a whole word.
#[test]
fn sdram() {
    let clocks =
        Clocks { power_up: 4, rcd: 3, rp: 3, ras: 5, rfc: 5, wr: 2, mrd: 2, interval: 40, cas: 2 };
    let text = properties("sdram.sv");
    for (chip, verilog) in [
        (&CHIPS[0], of(Sdram::<16>::new(&CHIPS[0], &clocks), "sdram")),
        (&CHIPS[1], of(Sdram::<32>::new(&CHIPS[1], &clocks), "sdram")),
    ] {
        let values = [
            ("POWER_UP", clocks.power_up),
            ("RCD", clocks.rcd),
            ("RP", clocks.rp),
            ("RAS", clocks.ras),
            ("RC", clocks.ras + clocks.rp),
            ("RFC", clocks.rfc),
            ("WR", clocks.wr),
            ("MRD", clocks.mrd),
            ("CAS", clocks.cas),
            ("BURST", chip.burst()),
            ("LATE", clocks.interval + 20),
        ];
        let values = values.map(|(name, value)| format!("  localparam {name} = {value};\n"));
        let design = free(&verilog, &["sdram$falling"]);
        let design = within(&design, "sdram", &(values.concat() + &text));
        let wr = format!("localparam  wr = 8'h{}", chip.burst());
        let mutants = [
            ("localparam  rcd = 16'h2", "localparam  rcd = 16'h1"),
            ("localparam  rp = 16'h2", "localparam  rp = 16'h1"),
            ("localparam  rfc = 16'h4", "localparam  rfc = 16'h3"),
            ("localparam  mrd = 16'h1", "localparam  mrd = 16'h0"),
            ("localparam  ras = 8'h4", "localparam  ras = 8'h3"),
            (&wr, "localparam  wr = 8'h0"),
            ("localparam  interval = 16'h27", "localparam  interval = 16'h47"),
            ("(due$q | other)", "(due$q)"),
            ("(due$q | other)", "(other)"),
            ("(~|flight$q)", "(1'b1)"),
        ];
        // Those of one chip say enough, but for the time that a burst's length is part of.
        let mutants = if chip.data == 16 { &mutants[..] } else { &mutants[5..6] };
        proved("sdram", &design, Engine::Bounded(160), mutants);
    }
}
