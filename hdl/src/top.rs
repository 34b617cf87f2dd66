//! The whole design: UART, link and a core behind three pins. `design` makes one of each core.

/// The top of a core with this map: `$beat` is the width of its beats of samples in bits; `new`
/// makes its identity, says whether the link has block RAMs to spare, and makes the core.
macro_rules! top {
    ($(#[$meta:meta])* $top:ident<$($size:ident),*>: [$($core:tt)*], $map:ident, $beat:tt;
        $(#[$note:meta])* new($($argument:ident: $kind:ty),*) {
            $identity:expr, $blocks:expr, $new:expr
        }
    ) => {
        $(#[$meta])*
        #[derive(LogicBlock)]
        pub struct $top<$(const $size: usize),*> {
            pub clock: Signal<In, Clock>,
            pub rx: Signal<In, Bit>,
            pub tx: Signal<Out, Bit>,
            uart_rx: crate::uart::UartReceive,
            uart_tx: crate::uart::UartTransmit,
            receiver: crate::link::Receiver,
            transmitter: crate::link::Transmitter,
            engine: crate::link::Engine<$beat>,
            core: $($core)*,
        }

        impl<$(const $size: usize),*> $top<$($size),*> {
            $(#[$note])*
            pub fn new($($argument: $kind),*) -> Self {
                let identity: fixlearn_map::link::Identity = $identity;
                let (clock_hz, baud) = (identity.clock_hz.into(), identity.baud.into());
                Self {
                    clock: Default::default(),
                    rx: Default::default(),
                    tx: Default::default(),
                    uart_rx: crate::uart::UartReceive::new(clock_hz, baud),
                    uart_tx: crate::uart::UartTransmit::new(clock_hz, baud),
                    receiver: Default::default(),
                    transmitter: Default::default(),
                    engine: crate::link::Engine::new(
                        identity,
                        fixlearn_map::$map::CORE.acknowledgement,
                        $blocks,
                    ),
                    core: $new,
                }
            }
        }

        impl<$(const $size: usize),*> Logic for $top<$($size),*> {
            #[hdl_gen]
            fn update(&mut self) {
                clock!(self, clock, uart_rx, uart_tx, receiver, transmitter, engine, core);
                // Line to frames.
                self.uart_rx.rx.next = self.rx.val();
                self.receiver.data.next = self.uart_rx.data.val();
                self.receiver.valid.next = self.uart_rx.valid.val();
                self.receiver.framing_error.next = self.uart_rx.framing_error.val();
                // Frames to commands.
                self.engine.waiting.next = self.receiver.waiting.val();
                self.engine.bad.next = self.receiver.bad.val();
                self.engine.bad_cause.next = self.receiver.cause.val();
                self.engine.good.next = self.receiver.good.val();
                self.receiver.address.next = self.engine.frame_address.val();
                self.engine.frame_data.next = self.receiver.read_data.val();
                self.receiver.retire.next = self.engine.retire.val();
                // Commands to the core.
                self.engine.busy.next = self.core.busy.val();
                self.core.clear.next = self.engine.clear.val();
                self.engine.vector_last.next = self.core.vector_last.val();
                self.engine.answer_last.next = self.core.answer_last.val();
                self.core.sample_data.next = self.engine.sample_data.val();
                self.core.sample_valid.next = self.engine.sample_valid.val();
                self.core.sample_learn.next = self.engine.sample_learn.val();
                self.engine.sample_ready.next = self.core.sample_ready.val();
                self.engine.result_valid.next = self.core.result_valid.val();
                self.core.result_ready.next = self.engine.result_ready.val();
                self.engine.result.next = self.core.result.val();
                self.core.bus_memory.next = self.engine.bus_memory.val();
                self.core.bus_row.next = self.engine.bus_row.val();
                self.core.bus_column.next = self.engine.bus_column.val();
                self.engine.column_last.next = self.core.column_last.val();
                self.core.bus_write.next = self.engine.bus_write.val();
                self.core.bus_write_data.next = self.engine.bus_write_data.val();
                self.engine.bus_read_data.next = self.core.bus_read_data.val();
                self.engine.bus_refused.next = self.core.bus_refused.val();
                // Replies to the line.
                self.transmitter.data.next = self.engine.reply_data.val();
                self.transmitter.put.next = self.engine.reply_put.val();
                self.transmitter.finish.next = self.engine.reply_finish.val();
                self.engine.reply_ready.next = self.transmitter.ready.val();
                self.uart_tx.data.next = self.transmitter.out_data.val();
                self.uart_tx.valid.next = self.transmitter.out_valid.val();
                self.transmitter.out_ready.next = self.uart_tx.ready.val();
                self.tx.next = self.uart_tx.tx.val();
            }
        }
    };
}
