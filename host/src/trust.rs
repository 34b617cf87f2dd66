//! What the link and the cores promise, what they do not, and the test that shows it.
//!
//! Tests are named `file::test` and are below `tests/`; all run in `cargo verify`.
//!
//! # Promised
//!
//! | promise | shown by |
//! |---|---|
//! | Over a line that flips a bit in 10,000 and loses a byte in 100, both ways, a training run ends with exactly the golden model's codebook | `faults::training_over_a_bad_line_ends_with_the_golden_models_bits` |
//! | So it does over doubled and inserted bytes, breaks, stalls, a cable pulled in the middle of a frame, a device reset | `faults::every_kind_of_fault_is_survived` |
//! | What RECALL and READ answer comes through whole | `faults::recall_and_read_come_through_whole` |
//! | Frames are short on a bad line and long on a clean one | `faults::frames_follow_the_line` |
//! | On a clean line, what is not samples takes at most 10 % of bytes and time with payloads of 64 bytes, and 3 % with the longest | `faults::a_clean_line_carries_samples` |
//! | A baud 2 % off, either way, is tolerated, at 115200 and at 3 Mbaud | `faults::a_baud_two_percent_off_is_tolerated` |
//! | The client never has more frames underway than the device has slots | `faults::a_host_that_keeps_to_the_slots_never_overruns_them` |
//! | A host that does not keep to them harms nothing | `faults::a_host_that_floods_harms_nothing` |
//! | A damaged frame changes nothing; a repeated one is answered and not applied again | `link::a_damaged_frame_changes_nothing_and_is_refused`, `link::a_repeated_frame_is_answered_and_not_applied_again` |
//! | A device that was reset executes nothing until the link is opened anew | `link::a_device_that_was_not_opened_does_nothing` |
//! | An error is reported even if its acknowledgement was lost | `link::errors_last_until_the_link_is_opened_anew` |
//! | A port that goes away and comes back: the run goes on to the same bits | `survival::a_cable_that_is_pulled_and_put_back_costs_nothing`, `survival::another_board_in_its_place_gets_the_state` |
//! | A port that stays away: the run ends with a checkpoint | `survival::a_port_that_stays_away_ends_with_a_checkpoint` |
//! | A device reset in the middle of a run: its state is written anew, to the same bits | `survival::a_device_that_is_reset_gets_its_state_back` |
//! | `kill -9` at any point, then `--resume`: the same bits | `survival::killed_at_any_point_and_resumed_it_ends_with_the_same_bits` |
//! | All of it for the gradient core, too | `survival::minimizing_and_regression_survive_too` |
//! | A second program on the port is told so | `survival::a_second_program_on_the_port_is_told_so` |
//! | Damaged frames, pictures, tables, arrays, models and index files are read or refused with one line; none makes the host panic, and the decoder holds at most one byte more than a frame | `fuzz::damaged_frames`, `fuzz::damaged_inputs`, `fuzz::kept_inputs` (the corpus in `tests/corpus`); 10 million streams to the decoder: `cargo run --release -p fixlearn-tests --example fuzz` |
//! | None makes it take more memory than 256 KiB and 64 bytes for each byte of the input (whole pictures: what their size says, 512 MiB at most) | `allocations::damaged_inputs_take_no_more_than_a_bound` |
//! | Whatever a host sends, damaged or not, in any order, a device answers what the golden model of the link says, byte for byte | `fuzz::sessions_with_a_board`, `fuzz::sessions_notice_mutants_of_the_link` |
//! | A core keeps to the clocks of its formulas, and its bus to the protocol's map, at power-up and after a reset | `vq::equal_16x16_4_lanes`, `vq::the_bus_is_the_protocols`, `gradient::every_objective_is_equal`, `gradient::the_bus_is_the_protocols` |
//!
//! Proved about the generated Verilog, with mutants of which it is not true (`tests/formal`):
//!
//! | proved | by |
//! |---|---|
//! | Every byte that the UART's transmitter takes is heard by its receiver, in order and in time, at 4 clocks a bit, for all time | `formal::uart` |
//! | The CRC of a byte is the shift register's, and a message with its CRC ends at the residue | `formal::crc` |
//! | The frame decoder writes only its own slot, never beyond its end, and never one that waits, for all time | `formal::receiver` |
//! | From any state, a delimiter and a good frame of 5 to 8 bytes are accepted | `formal::resynchronize` |
//! | What the frame encoder offers stays until it is taken; no bank that waits is written | `formal::transmitter` |
//! | The command engine's beats stay until they are taken; it takes, puts and writes only when it may | `formal::engine` |
//! | The quantizer's results stay until they are taken, one for each vector (16 codewords of 4 dimensions, one lane) | `formal::vq` |
//! | The gradient core's results stay until they are taken, one for each sample | `formal::gradient`, with `formal::evaluator` and `formal::linear` for the result's value |
//! | The objective block's components stay until they are taken, one for each dimension | `formal::evaluator` |
//! | Saturating arithmetic is as defined: the codeword's update, the product of distance and win count, a component's step to its bounds, the narrowing of sums | `formal::saturating_add`, `formal::scale`, `formal::settle`, `formal::clamp` |
//!
//! # What the tests notice
//!
//! `cargo run --release -p fixlearn-tests --example mutation` has yosys choose 150 mutants of each
//! core's Verilog (`mutate`), runs co-simulation on each, and has ABC prove of those that it does not
//! notice that they are the same circuit; `mutation::of_the_quantizer` and
//! `mutation::of_the_gradient_core` are a sample of it. Seed 1:
//!
//! | core | mutants | noticed | proved harmless | left | noticed of those not harmless |
//! |---|---|---|---|---|---|
//! | vq 16x16x4 | 150 | 136 | 12 | 2 | 98.6 % |
//! | gradient | 150 | 138 | 10 | 2 | 98.6 % |
//!
//! The four that are left change nothing either, but for reasons that the proof does not find: bits
//! 6 and 7 of a codeword's number, or of a ring's, which are 0 among 16 codewords; a bit of the word
//! of OBJECTIVE that is always 0; and the flag of an error that saturates, which is set with that of
//! the component that the error is then multiplied to (its feature is at least 4).
//!
//! Mutants of the golden models (cargo-mutants) are for the tests `golden` and `golden_gradient`,
//! which ask for the rules' definitions, and for co-simulation, which asks for the same bits from the
//! hardware.
//!
//! # Not promised
//!
//! - That no damaged frame is ever accepted: a CRC of 24 bits lets through 1 of 16.8 million whose
//!   bytes are random; of 22 million damaged frames on a line that loses 1 byte in 100 and flips a bit
//!   of 1 in 1000, none was.
//! - How long a run over a bad line takes; and beyond 5 s in which nothing gets through, it ends, with
//!   a checkpoint.
//! - That a device on which two hosts take turns keeps the first one's run; it notices, and writes
//!   its state anew.
//! - What is learned after the last checkpoint is learned again; with a pass shorter than 100 times the
//!   state that is at most a pass.
//! - A program that is killed while it writes a file leaves the old file, and a `.fixlearn-` one.
//! - Anything of real boards: nothing here was measured on one.
