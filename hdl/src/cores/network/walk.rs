use crate::arith::value;
use rust_hdl::prelude::*;

/// The way through a layer: an activation's address a clock, and that of the weights beside it.
///
/// Group of outputs by group, pixel by pixel; of a pixel channel by channel, and of those the
/// window's rows and columns. A pool has channels in the place of groups. A pixel with fewer
/// activations than there are lanes takes as many clocks as lanes, since its sums leave one a
/// clock.
#[derive(LogicBlock, Default)]
pub struct Walk {
    pub clock: Signal<In, Clock>,
    /// An image begins: the weights begin with their first word.
    pub restart: Signal<In, Bit>,
    /// A layer begins with the next clock.
    pub start: Signal<In, Bit>,
    /// It walks in this clock.
    pub go: Signal<In, Bit>,
    pub conv: Signal<In, Bit>,
    pub pool: Signal<In, Bit>,
    /// The logarithm of the bits of a weight's place.
    pub place: Signal<In, Bits<2>>,
    /// Each less 1.
    pub width_last: Signal<In, Bits<7>>,
    pub height_last: Signal<In, Bits<5>>,
    pub channel_last: Signal<In, Bits<11>>,
    pub output_last: Signal<In, Bits<8>>,
    /// From a channel to the next.
    pub plane: Signal<In, Bits<13>>,
    pub address: Signal<Out, Bits<13>>,
    /// There is an activation in this clock, and not one of the border.
    pub present: Signal<Out, Bit>,
    pub word: Signal<Out, Bits<14>>,
    pub which: Signal<Out, Bits<3>>,
    /// The pixel's first activation, its last, and that of a group's last pixel.
    pub first: Signal<Out, Bit>,
    pub last: Signal<Out, Bit>,
    pub group_last: Signal<Out, Bit>,
    /// The layer's last.
    pub done: Signal<Out, Bit>,
    _lanes: u8,
    _at: At,
}

/// Where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct At {
    // Column and row of the window, channel, column and row of the pixel, group.
    kx: u64,
    ky: u64,
    c: u64,
    x: u64,
    y: u64,
    group: u64,
    // Clocks of this pixel, at most the lanes less 1; none of its activations came.
    age: u64,
    fresh: bool,
    // Addresses: of the channel or pixel, the pool's row of pixels, the window's row, and now.
    corner: u64,
    channel: u64,
    line: u64,
    row: u64,
    address: u64,
    group_word: u64,
    word: u64,
    which: u64,
}

impl Walk {
    /// Of 8 or 16 lanes.
    pub fn new(lanes: u8) -> Self {
        Self { _lanes: lanes, ..Default::default() }
    }

    /// Ends: of the window, the pixels, the groups; and whether it waits.
    fn ends(&self) -> (bool, bool, bool, bool) {
        let (conv, pool) = (self.conv.val(), self.pool.val());
        let last = |size: u64| match (conv, pool) {
            (true, _) => size,
            (_, true) => size.saturating_sub(1) >> 1,
            _ => 0,
        };
        let window = if conv { 2 } else { pool.into() };
        let at = &self._at;
        let channels = value(self.channel_last.val());
        let taps = at.kx == window && at.ky == window && (pool || at.c == channels);
        let pixels = at.x == last(value(self.width_last.val()))
            && at.y == last(value(self.height_last.val()));
        let groups = match pool {
            true => at.c == channels,
            false => at.group == value(self.output_last.val()) / u64::from(self._lanes.max(1)),
        };
        let waits = taps && !pool && at.age + 1 < u64::from(self._lanes);
        (taps, pixels, groups, waits)
    }

    fn step(&mut self) {
        let (conv, pool) = (self.conv.val(), self.pool.val());
        let (taps, pixels, _, waits) = self.ends();
        let width = value(self.width_last.val()) + 1;
        let plane = value(self.plane.val());
        let window = if conv { 2 } else { u64::from(pool) };
        let columns = if conv { width } else { (width / 2).max(1) };
        let origin = if conv { (width + 1).wrapping_neg() } else { 0 };
        let at = &mut self._at;
        at.age = (at.age + 1).min(u64::from(self._lanes) - 1);
        if waits {
            return;
        }
        at.fresh = taps;
        if !pool {
            let each = 7 >> value(self.place.val());
            (at.which, at.word) = match at.which == each || taps {
                true => (0, at.word + 1),
                false => (at.which + 1, at.word),
            };
            if taps && pixels {
                at.group_word = at.word;
            } else if taps {
                at.word = at.group_word;
            }
        }
        if at.kx != window {
            at.kx += 1;
            at.address = at.address.wrapping_add(1);
            return;
        }
        at.kx = 0;
        if at.ky != window {
            at.ky += 1;
            at.row = at.row.wrapping_add(width);
            at.address = at.row;
            return;
        }
        at.ky = 0;
        if !taps {
            at.c += 1;
            at.channel = at.channel.wrapping_add(plane);
            (at.row, at.address) = (at.channel, at.channel);
            return;
        }
        at.age = 0;
        at.x += 1;
        at.corner = at.corner.wrapping_add(if pool { 2 } else { 1 });
        if at.x == columns || !(conv || pool) {
            at.x = 0;
            at.y += 1;
            if pool {
                at.line += 2 * width;
                at.corner = at.line;
            }
        }
        if pixels {
            (at.x, at.y) = (0, 0);
            at.corner = origin;
            at.group += 1;
            if pool {
                at.c += 1;
                at.channel += plane;
                (at.line, at.corner) = (at.channel, at.channel);
            }
        }
        if !pool {
            at.c = 0;
            at.channel = at.corner;
        }
        (at.row, at.address) = (at.corner, at.corner);
    }
}

impl Logic for Walk {
    fn update(&mut self) {
        if self.clock.pos_edge() {
            if self.go.val() {
                self.step();
            }
            if self.start.val() {
                let conv = self.conv.val();
                let width = value(self.width_last.val()) + 1;
                let origin = if conv { (width + 1).wrapping_neg() } else { 0 };
                let word = self._at.word;
                self._at = At {
                    fresh: true,
                    corner: origin,
                    channel: origin,
                    row: origin,
                    address: origin,
                    group_word: word,
                    word,
                    ..At::default()
                };
            }
            if self.restart.val() {
                self._at.word = 0;
            }
        }
        let at = self._at;
        let (taps, pixels, groups, waits) = self.ends();
        let issue = self.go.val() && !waits;
        let (x, y) = (at.x + at.kx, at.y + at.ky);
        let here = (1..=value(self.width_last.val()) + 1).contains(&x)
            && (1..=value(self.height_last.val()) + 1).contains(&y);
        self.present.next = issue && (!self.conv.val() || here);
        self.address.next = (at.address & 0x1fff).into();
        self.word.next = (at.word & 0x3fff).into();
        self.which.next = at.which.into();
        self.first.next = issue && at.fresh;
        self.last.next = issue && taps;
        self.group_last.next = issue && taps && pixels;
        self.done.next = issue && taps && pixels && groups;
    }

    fn connect(&mut self) {
        self.address.connect();
        self.present.connect();
        self.word.connect();
        self.which.connect();
        self.first.connect();
        self.last.connect();
        self.group_last.connect();
        self.done.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "\
reg [1:0] kx, ky;
reg [10:0] c;
reg [6:0] x;
reg [4:0] y, group, age;
reg fresh;
reg [12:0] corner, channel, line, row;
reg [13:0] group_word;
wire [1:0] window = conv ? 2'd2 : {{1'b0, pool}};
wire [6:0] less_width = width_last - {{6'd0, |width_last}};
wire [4:0] less_height = height_last - {{4'd0, |height_last}};
wire [6:0] x_last = conv ? width_last : pool ? {{1'b0, less_width[6:1]}} : 7'd0;
wire [4:0] y_last = conv ? height_last : pool ? {{1'b0, less_height[4:1]}} : 5'd0;
wire kx_end = kx == window;
wire ky_end = ky == window;
wire c_end = c == channel_last;
wire x_end = x == x_last;
wire y_end = y == y_last;
wire taps_end = kx_end && ky_end && (pool || c_end);
wire groups_end = pool ? c_end : group == {{{none}output_last[7:{shift}]}};
wire aged = age == 5'd{last};
wire issue = go && !(taps_end && !pool && !aged);
wire pixels_end = x_end && y_end;
wire [2:0] each = 3'd7 >> place;
wire [13:0] next_word = word + 14'd1;
wire [12:0] width = {{6'd0, width_last}} + 13'd1;
wire [12:0] origin = conv ? ~width : 13'd0;
wire [12:0] next_row = row + width;
wire [12:0] next_channel = channel + plane;
wire [12:0] next_line = line + {{width[11:0], 1'b0}};
wire [12:0] next_pixel = corner + (pool ? 13'd2 : 13'd1);
wire [12:0] next_corner = pool ? (!x_end ? next_pixel : !y_end ? next_line : next_channel) :
  pixels_end ? origin : next_pixel;
wire left = kx == 2'd0 && x == 7'd0;
wire right = kx == 2'd2 && x == width_last;
wire above = ky == 2'd0 && y == 5'd0;
wire below = ky == 2'd2 && y == height_last;
always @(*) begin
  present = issue && !(conv && (left || right || above || below));
  first = issue && fresh;
  last = issue && taps_end;
  group_last = issue && taps_end && pixels_end;
  done = issue && taps_end && pixels_end && groups_end;
end
initial begin
  kx = 0; ky = 0; c = 0; x = 0; y = 0; group = 0; age = 0; fresh = 0;
  corner = 0; channel = 0; line = 0; row = 0; address = 0; group_word = 0; word = 0; which = 0;
end
always @(posedge clock) begin
  if (go && !aged) age <= age + 5'd1;
  if (issue) begin
    fresh <= taps_end;
    if (!pool) begin
      which <= taps_end || which == each ? 3'd0 : which + 3'd1;
      if (taps_end && !pixels_end) word <= group_word;
      else if (taps_end || which == each) word <= next_word;
      if (taps_end && pixels_end) group_word <= next_word;
    end
    kx <= kx_end ? 2'd0 : kx + 2'd1;
    if (!kx_end) address <= address + 13'd1;
    else begin
      ky <= ky_end ? 2'd0 : ky + 2'd1;
      if (!ky_end) begin
        row <= next_row;
        address <= next_row;
      end else if (!taps_end) begin
        c <= c + 11'd1;
        channel <= next_channel;
        row <= next_channel;
        address <= next_channel;
      end else begin
        age <= 5'd0;
        corner <= next_corner;
        row <= next_corner;
        address <= next_corner;
        x <= x_end ? 7'd0 : x + 7'd1;
        if (x_end) y <= y_end ? 5'd0 : y + 5'd1;
        if (pixels_end) group <= group + 5'd1;
        if (!pool) begin
          c <= 11'd0;
          channel <= next_corner;
        end else begin
          if (pixels_end) begin
            c <= c + 11'd1;
            channel <= next_channel;
          end
          if (x_end) line <= next_corner;
        end
      end
    end
  end
  if (start) begin
    kx <= 2'd0; ky <= 2'd0; c <= 11'd0; x <= 7'd0; y <= 5'd0; group <= 5'd0; age <= 5'd0;
    fresh <= 1'b1;
    corner <= origin; channel <= origin; line <= 13'd0; row <= origin; address <= origin;
    group_word <= word; which <= 3'd0;
  end
  if (restart) word <= 14'd0;
end",
            last = self._lanes - 1,
            shift = self._lanes.trailing_zeros(),
            none = if self._lanes == 16 { "1'b0, " } else { "" },
        ))
    }
}
