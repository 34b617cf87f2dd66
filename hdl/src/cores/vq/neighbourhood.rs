use rust_hdl::prelude::*;

/// `first = max(centre - radius, 0)` and `last = min(centre + radius, limit)`, combinational.
#[derive(LogicBlock, Default)]
pub struct Span {
    pub centre: Signal<In, Bits<8>>,
    pub radius: Signal<In, Bits<8>>,
    pub limit: Signal<In, Bits<8>>,
    pub low: Signal<Out, Bits<8>>,
    pub high: Signal<Out, Bits<8>>,
    reach: Signal<Local, Bits<9>>,
}

impl Logic for Span {
    #[hdl_gen]
    fn update(&mut self) {
        self.low.next = self.centre.val() - self.radius.val();
        if self.centre.val() < self.radius.val() {
            self.low.next = 0.into();
        }
        self.reach.next = bit_cast::<9, 8>(self.centre.val()) + bit_cast::<9, 8>(self.radius.val());
        self.high.next = self.reach.val().get_bits::<8>(0);
        if self.reach.val() > bit_cast::<9, 8>(self.limit.val()) {
            self.high.next = self.limit.val();
        }
    }
}

/// Walks the codewords within `radius` of the winner, row by row, lowest index first.
///
/// The codebook is a grid of `2^columns` columns (8: one line). A codeword's ring is its
/// Chebyshev distance from the winner on that grid. The walk covers the box around the winner,
/// cut at the grid's edges; in a last row that is not full, `in_grid` is false past the end.
#[derive(LogicBlock)]
pub struct Neighbourhood {
    pub clock: Signal<In, Clock>,
    pub winner: Signal<In, Bits<8>>,
    pub radius: Signal<In, Bits<8>>,
    pub columns: Signal<In, Bits<4>>,
    pub last_codeword: Signal<In, Bits<8>>,
    /// Strobe: take the box around the winner.
    pub start: Signal<In, Bit>,
    /// Strobe: the next codeword comes out, the first of the box two clocks after `start` at the
    /// earliest.
    pub advance: Signal<In, Bit>,
    pub codeword: Signal<Out, Bits<8>>,
    pub ring: Signal<Out, Bits<8>>,
    pub in_grid: Signal<Out, Bit>,
    pub closing: Signal<Out, Bit>,
    row_span: Span,
    column_span: Span,
    starting: DFF<Bit>,
    row: DFF<Bits<8>>,
    column: DFF<Bits<8>>,
    row_end: DFF<Bits<8>>,
    column_start: DFF<Bits<8>>,
    column_end: DFF<Bits<8>>,
    winner_row: DFF<Bits<8>>,
    winner_column: DFF<Bits<8>>,
    row_limit: DFF<Bits<8>>,
    column_limit: DFF<Bits<8>>,
    codeword_out: DFF<Bits<8>>,
    ring_out: DFF<Bits<8>>,
    in_grid_out: DFF<Bit>,
    closing_out: DFF<Bit>,
    width: Signal<Local, Bits<9>>,
    mask: Signal<Local, Bits<9>>,
    row_base: Signal<Local, Bits<8>>,
    row_distance: Signal<Local, Bits<8>>,
    column_distance: Signal<Local, Bits<8>>,
    index: Signal<Local, Bits<8>>,
    one: Constant<Bits<9>>,
    step: Constant<Bits<8>>,
}

impl Default for Neighbourhood {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            winner: Default::default(),
            radius: Default::default(),
            columns: Default::default(),
            last_codeword: Default::default(),
            start: Default::default(),
            advance: Default::default(),
            codeword: Default::default(),
            ring: Default::default(),
            in_grid: Default::default(),
            closing: Default::default(),
            row_span: Default::default(),
            column_span: Default::default(),
            starting: Default::default(),
            row: Default::default(),
            column: Default::default(),
            row_end: Default::default(),
            column_start: Default::default(),
            column_end: Default::default(),
            winner_row: Default::default(),
            winner_column: Default::default(),
            row_limit: Default::default(),
            column_limit: Default::default(),
            codeword_out: Default::default(),
            ring_out: Default::default(),
            in_grid_out: Default::default(),
            closing_out: Default::default(),
            width: Default::default(),
            mask: Default::default(),
            row_base: Default::default(),
            row_distance: Default::default(),
            column_distance: Default::default(),
            index: Default::default(),
            one: Constant::new(1_u64.into()),
            step: Constant::new(1_u64.into()),
        }
    }
}

impl Logic for Neighbourhood {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            starting,
            row,
            column,
            row_end,
            column_start,
            column_end,
            winner_row,
            winner_column,
            row_limit,
            column_limit,
            codeword_out,
            ring_out,
            in_grid_out,
            closing_out
        );
        // On start: the winner's row and column, and the grid's last ones.
        self.width.next = self.one.val() << self.columns.val();
        self.mask.next = self.width.val() - self.one.val();
        self.starting.d.next = self.start.val();
        if self.start.val() {
            self.winner_row.d.next = self.winner.val() >> self.columns.val();
            self.winner_column.d.next = self.winner.val() & self.mask.val().get_bits::<8>(0);
            self.row_limit.d.next = self.last_codeword.val() >> self.columns.val();
            self.column_limit.d.next = self.last_codeword.val();
            if self.mask.val() < bit_cast::<9, 8>(self.last_codeword.val()) {
                self.column_limit.d.next = self.mask.val().get_bits::<8>(0);
            }
        }
        // A clock later: the box around it.
        self.row_span.centre.next = self.winner_row.q.val();
        self.row_span.radius.next = self.radius.val();
        self.row_span.limit.next = self.row_limit.q.val();
        self.column_span.centre.next = self.winner_column.q.val();
        self.column_span.radius.next = self.radius.val();
        self.column_span.limit.next = self.column_limit.q.val();
        if self.starting.q.val() {
            self.row.d.next = self.row_span.low.val();
            self.row_end.d.next = self.row_span.high.val();
            self.column.d.next = self.column_span.low.val();
            self.column_start.d.next = self.column_span.low.val();
            self.column_end.d.next = self.column_span.high.val();
        }
        // Where the walk goes next, and its ring: the larger of the two distances.
        self.row_base.next = self.row.q.val() << self.columns.val();
        self.index.next = self.row_base.val() | self.column.q.val();
        self.row_distance.next = self.row.q.val() - self.winner_row.q.val();
        if self.row.q.val() < self.winner_row.q.val() {
            self.row_distance.next = self.winner_row.q.val() - self.row.q.val();
        }
        self.column_distance.next = self.column.q.val() - self.winner_column.q.val();
        if self.column.q.val() < self.winner_column.q.val() {
            self.column_distance.next = self.winner_column.q.val() - self.column.q.val();
        }
        // The walk.
        if self.advance.val() {
            self.column.d.next = self.column.q.val() + self.step.val();
            if self.column.q.val() == self.column_end.q.val() {
                self.column.d.next = self.column_start.q.val();
                self.row.d.next = self.row.q.val() + self.step.val();
            }
            self.codeword_out.d.next = self.index.val();
            self.in_grid_out.d.next = self.index.val() <= self.last_codeword.val();
            self.closing_out.d.next = (self.column.q.val() == self.column_end.q.val())
                & (self.row.q.val() == self.row_end.q.val());
            self.ring_out.d.next = self.row_distance.val();
            if self.row_distance.val() < self.column_distance.val() {
                self.ring_out.d.next = self.column_distance.val();
            }
        }
        self.codeword.next = self.codeword_out.q.val();
        self.in_grid.next = self.in_grid_out.q.val();
        self.closing.next = self.closing_out.q.val();
        self.ring.next = self.ring_out.q.val();
    }
}
