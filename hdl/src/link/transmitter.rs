use super::Crc24;
use rust_hdl::prelude::*;

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum Fill {
    Open,
    CrcHigh,
    CrcMiddle,
    CrcLow,
    Close,
}

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum Send {
    Idle,
    Fetch,
    Offer,
    Delimiter,
}

/// Takes a reply byte by byte, appends its CRC, encodes COBS in place in one of two banks of 256
/// bytes, and sends one bank while the other fills.
///
/// COBS in one pass: a zero is not stored; the place kept for the block's code byte gets the
/// distance to here, and here is the next such place.
#[derive(LogicBlock)]
pub struct Transmitter {
    pub clock: Signal<In, Clock>,
    pub data: Signal<In, Bits<8>>,
    /// Strobes, only while `ready`: one more byte (at most 251 in all); the reply is whole.
    pub put: Signal<In, Bit>,
    pub finish: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    /// To the UART.
    pub out_data: Signal<Out, Bits<8>>,
    pub out_valid: Signal<Out, Bit>,
    pub out_ready: Signal<In, Bit>,
    banks: RAM<Bits<8>, 9>,
    check: Crc24,
    fill: DFF<Fill>,
    send: DFF<Send>,
    // What is put, a clock later: the multiplexer before it is the longest path of a small FPGA.
    data_late: DFF<Bits<8>>,
    put_late: DFF<Bit>,
    finish_late: DFF<Bit>,
    fill_bank: DFF<Bit>,
    send_bank: DFF<Bit>,
    full_0: DFF<Bit>,
    full_1: DFF<Bit>,
    length_0: DFF<Bits<8>>,
    length_1: DFF<Bits<8>>,
    code: DFF<Bits<8>>,
    position: DFFWithInit<Bits<8>>,
    crc: DFFWithInit<Bits<24>>,
    sent: DFF<Bits<8>>,
    byte_in: Signal<Local, Bits<8>>,
    store: Signal<Local, Bit>,
    write_position: Signal<Local, Bits<8>>,
    distance: Signal<Local, Bits<8>>,
    open: Signal<Local, Bit>,
    full: Signal<Local, Bit>,
    length: Signal<Local, Bits<8>>,
    done: Signal<Local, Bit>,
    crc_reset: Constant<Bits<24>>,
    bank: Constant<Bits<9>>,
    zero8: Constant<Bits<8>>,
    one8: Constant<Bits<8>>,
    ones8: Constant<Bits<8>>,
}

impl Default for Transmitter {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            data: Default::default(),
            put: Default::default(),
            finish: Default::default(),
            ready: Default::default(),
            out_data: Default::default(),
            out_valid: Default::default(),
            out_ready: Default::default(),
            banks: Default::default(),
            check: Default::default(),
            fill: Default::default(),
            send: Default::default(),
            data_late: Default::default(),
            put_late: Default::default(),
            finish_late: Default::default(),
            fill_bank: Default::default(),
            send_bank: Default::default(),
            full_0: Default::default(),
            full_1: Default::default(),
            length_0: Default::default(),
            length_1: Default::default(),
            code: Default::default(),
            position: DFFWithInit::new(1_u64.into()),
            crc: DFFWithInit::new(Crc24::INITIAL.into()),
            sent: Default::default(),
            byte_in: Default::default(),
            store: Default::default(),
            write_position: Default::default(),
            distance: Default::default(),
            open: Default::default(),
            full: Default::default(),
            length: Default::default(),
            done: Default::default(),
            crc_reset: Constant::new(Crc24::INITIAL.into()),
            bank: Constant::new(256_u64.into()),
            zero8: Constant::new(0_u64.into()),
            one8: Constant::new(1_u64.into()),
            ones8: Constant::new(255_u64.into()),
        }
    }
}

impl Logic for Transmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            fill,
            send,
            fill_bank,
            send_bank,
            full_0,
            full_1,
            length_0,
            length_1,
            code,
            position,
            crc,
            sent,
            data_late,
            put_late,
            finish_late
        );
        self.banks.read_clock.next = self.clock.val();
        self.banks.write_clock.next = self.clock.val();

        // Filling.
        self.open.next = !self.full_0.q.val();
        if self.fill_bank.q.val() {
            self.open.next = !self.full_1.q.val();
        }
        self.ready.next = false;
        self.data_late.d.next = self.data.val();
        self.put_late.d.next = self.put.val();
        self.finish_late.d.next = self.finish.val();
        self.byte_in.next = self.data_late.q.val();
        self.store.next = false;
        self.check.crc.next = self.crc.q.val();
        self.check.data.next = self.data_late.q.val();
        self.banks.write_enable.next = false;
        self.distance.next = self.position.q.val() - self.code.q.val();
        match self.fill.q.val() {
            Fill::Open => {
                self.ready.next = self.open.val() & (!self.finish_late.q.val());
                if self.put_late.q.val() {
                    self.store.next = true;
                    self.crc.d.next = self.check.crc_next.val();
                }
                if self.finish_late.q.val() {
                    self.fill.d.next = Fill::CrcHigh;
                }
            }
            Fill::CrcHigh => {
                self.byte_in.next = self.crc.q.val().get_bits::<8>(16) ^ self.ones8.val();
                self.crc.d.next = self.crc.q.val() << 8;
                self.store.next = true;
                self.fill.d.next = Fill::CrcMiddle;
            }
            Fill::CrcMiddle => {
                self.byte_in.next = self.crc.q.val().get_bits::<8>(16) ^ self.ones8.val();
                self.crc.d.next = self.crc.q.val() << 8;
                self.store.next = true;
                self.fill.d.next = Fill::CrcLow;
            }
            Fill::CrcLow => {
                self.byte_in.next = self.crc.q.val().get_bits::<8>(16) ^ self.ones8.val();
                self.store.next = true;
                self.fill.d.next = Fill::Close;
            }
            Fill::Close => {
                self.banks.write_enable.next = true;
                if self.fill_bank.q.val() {
                    self.full_1.d.next = true;
                    self.length_1.d.next = self.position.q.val();
                } else {
                    self.full_0.d.next = true;
                    self.length_0.d.next = self.position.q.val();
                }
                self.fill_bank.d.next = !self.fill_bank.q.val();
                self.code.d.next = self.zero8.val();
                self.position.d.next = self.one8.val();
                self.crc.d.next = self.crc_reset.val();
                self.fill.d.next = Fill::Open;
            }
            _ => {
                self.fill.d.next = Fill::Open;
            }
        }
        self.write_position.next = self.code.q.val();
        self.banks.write_data.next = self.distance.val();
        if self.store.val() {
            self.banks.write_enable.next = true;
            self.position.d.next = self.position.q.val() + self.one8.val();
            if self.byte_in.val().any() {
                self.write_position.next = self.position.q.val();
                self.banks.write_data.next = self.byte_in.val();
            } else {
                self.code.d.next = self.position.q.val();
            }
        }
        self.banks.write_address.next = bit_cast::<9, 8>(self.write_position.val());
        if self.fill_bank.q.val() {
            self.banks.write_address.next =
                bit_cast::<9, 8>(self.write_position.val()) | self.bank.val();
        }

        // Sending.
        self.full.next = self.full_0.q.val();
        self.length.next = self.length_0.q.val();
        if self.send_bank.q.val() {
            self.full.next = self.full_1.q.val();
            self.length.next = self.length_1.q.val();
        }
        self.banks.read_address.next = bit_cast::<9, 8>(self.sent.q.val());
        if self.send_bank.q.val() {
            self.banks.read_address.next = bit_cast::<9, 8>(self.sent.q.val()) | self.bank.val();
        }
        self.out_valid.next = false;
        self.out_data.next = self.banks.read_data.val();
        self.done.next = false;
        match self.send.q.val() {
            Send::Idle => {
                self.sent.d.next = self.zero8.val();
                if self.full.val() {
                    self.send.d.next = Send::Fetch;
                }
            }
            Send::Fetch => {
                self.send.d.next = Send::Offer;
                if self.sent.q.val() == self.length.val() {
                    self.send.d.next = Send::Delimiter;
                }
            }
            Send::Offer => {
                self.out_valid.next = true;
                if self.out_ready.val() {
                    self.sent.d.next = self.sent.q.val() + self.one8.val();
                    self.send.d.next = Send::Fetch;
                }
            }
            Send::Delimiter => {
                self.out_valid.next = true;
                self.out_data.next = self.zero8.val();
                if self.out_ready.val() {
                    self.done.next = true;
                    self.send.d.next = Send::Idle;
                }
            }
            _ => {
                self.send.d.next = Send::Idle;
            }
        }
        if self.done.val() {
            self.send_bank.d.next = !self.send_bank.q.val();
            if self.send_bank.q.val() {
                self.full_1.d.next = false;
            } else {
                self.full_0.d.next = false;
            }
        }
    }
}
