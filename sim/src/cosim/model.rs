use super::build::Port;
use super::chip::REFUSES;
use libloading::Library;
use std::ffi::{c_char, c_int, c_uint, c_void, CString};
use std::path::Path;

/// A port of a [`Model`], found once by name.
#[derive(Clone, Copy, Debug)]
pub struct PortId(usize);

struct PortData {
    name: String,
    data: *mut u8,
    bits: usize,
}

/// The ports of a core's streams, in the order in which the driver takes them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Streams {
    pub data: PortId,
    pub valid: PortId,
    pub take: PortId,
    pub ready: PortId,
    pub there: PortId,
    pub word: PortId,
    pub busy: PortId,
}

/// `fl_stream`: instance, ports, beats, how many, their bytes, words, how many, clocks at most.
type Stream = unsafe extern "C" fn(
    *mut c_void,
    *const *mut u8,
    *const u8,
    u64,
    u64,
    *mut u32,
    u64,
    u64,
) -> u64;

/// An instance of a verilated `top`.
///
/// Ports hold their value until set again. [`Model::step`] is one clock: inputs are taken before
/// the rising edge, outputs are those after it. [`Model::settle`] lets combinational outputs
/// follow the inputs without a clock edge.
pub struct Model {
    handle: *mut c_void,
    new: unsafe extern "C" fn() -> *mut c_void,
    place: unsafe extern "C" fn(*mut c_void, c_uint) -> *mut u8,
    free: unsafe extern "C" fn(*mut c_void),
    settle: unsafe extern "C" fn(*mut c_void),
    cycles: unsafe extern "C" fn(*mut c_void, u64),
    line: unsafe extern "C" fn(*mut c_void, *mut u8, *const u8, *const u8, *mut u8, u64),
    stream: Stream,
    waves: unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int,
    clocks: u64,
    ports: Vec<PortData>,
    /// Where a chip beside the design says what it refuses, and when.
    refuses: Option<[PortId; 2]>,
    _library: Library,
}

// SAFETY: the handle and the pointers into it belong to this instance alone, and every use of
// them goes through `&mut self` or reads through `&self` without any call into the library.
unsafe impl Send for Model {}

impl Model {
    pub(super) fn load(path: &Path, ports: &[Port]) -> Result<Self, libloading::Error> {
        // SAFETY: the library was built by `build` from the driver whose signatures these are;
        // it runs no code of its own on loading beyond C++ static initialisation.
        unsafe {
            let library = Library::new(path)?;
            let new: unsafe extern "C" fn() -> *mut c_void = *library.get(b"fl_new\0")?;
            let port: unsafe extern "C" fn(*mut c_void, c_uint) -> *mut u8 =
                *library.get(b"fl_port\0")?;
            let free = *library.get(b"fl_free\0")?;
            let settle = *library.get(b"fl_settle\0")?;
            let cycles = *library.get(b"fl_cycles\0")?;
            let line = *library.get(b"fl_line\0")?;
            let stream = *library.get(b"fl_stream\0")?;
            let waves = *library.get(b"fl_waves\0")?;
            let handle = new();
            let named = |name: &str| ports.iter().position(|p| p.name == name).map(PortId);
            let refuses = match REFUSES.map(named) {
                [Some(what), Some(when)] => Some([what, when]),
                _ => None,
            };
            let ports = ports
                .iter()
                .enumerate()
                .map(|(i, p)| PortData {
                    name: p.name.clone(),
                    data: port(handle, i as c_uint),
                    bits: p.bits,
                })
                .collect();
            Ok(Self {
                handle,
                new,
                place: port,
                free,
                settle,
                cycles,
                line,
                stream,
                waves,
                clocks: 0,
                ports,
                refuses,
                _library: library,
            })
        }
    }

    /// A new instance in the place of this one, as at power-up: inputs are 0, waves have ended.
    pub fn restart(&mut self) {
        // SAFETY: the old handle is live and not used again; the new one has the same ports.
        unsafe {
            (self.free)(self.handle);
            self.handle = (self.new)();
            for (i, port) in self.ports.iter_mut().enumerate() {
                port.data = (self.place)(self.handle, i as c_uint);
            }
        }
    }

    /// The port of this name.
    ///
    /// # Panics
    /// If there is none: port names are the design's, not the user's.
    pub fn port(&self, name: &str) -> PortId {
        match self.find(name) {
            Some(port) => port,
            None => panic!("the model has no port `{name}`"),
        }
    }

    /// The port of this name, if there is one.
    pub fn find(&self, name: &str) -> Option<PortId> {
        self.ports.iter().position(|p| p.name == name).map(PortId)
    }

    /// Its width in bits.
    pub fn bits(&self, port: PortId) -> usize {
        self.ports[port.0].bits
    }

    /// Sets a port of at most 64 bits.
    pub fn set(&mut self, port: PortId, value: u64) {
        let bytes = value.to_le_bytes();
        self.set_bytes(port, &bytes);
    }

    /// A port of at most 64 bits.
    pub fn get(&self, port: PortId) -> u64 {
        let mut bytes = [0; 8];
        let port = &self.ports[port.0];
        let n = storage(port.bits).min(8);
        // SAFETY: the pointer is into this live instance, where the port takes `storage` bytes.
        unsafe { std::ptr::copy_nonoverlapping(port.data, bytes.as_mut_ptr(), n) };
        u64::from_le_bytes(bytes)
    }

    /// Sets a port of any width, low byte first; bytes beyond its storage are ignored.
    pub fn set_bytes(&mut self, port: PortId, bytes: &[u8]) {
        let port = &self.ports[port.0];
        let n = storage(port.bits).min(bytes.len());
        // SAFETY: as in `get`; `n` is within both.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), port.data, n) };
    }

    /// Lets combinational outputs settle, clock low.
    pub fn settle(&mut self) {
        // SAFETY: the handle is live.
        unsafe { (self.settle)(self.handle) }
    }

    /// One clock.
    pub fn step(&mut self) {
        self.cycles(1);
    }

    /// Clocks since the model was loaded.
    pub fn clocks(&self) -> u64 {
        self.clocks
    }

    /// `n` clocks.
    pub fn cycles(&mut self, n: u64) {
        self.clocks += n;
        // SAFETY: the handle is live.
        unsafe { (self.cycles)(self.handle, n) }
        self.obeyed();
    }

    /// Nothing was asked of a chip beside the design that its data sheet forbids.
    ///
    /// # Panics
    /// If something was, saying what and when: the design is wrong.
    fn obeyed(&self) {
        let Some([what, when]) = self.refuses else { return };
        let at = self.get(when);
        if at != 0 {
            let text = &self.ports[what.0];
            let mut bytes = vec![0; text.bits / 8];
            // SAFETY: as in `get`; the port takes as many bytes as it has bits.
            unsafe { std::ptr::copy_nonoverlapping(text.data, bytes.as_mut_ptr(), bytes.len()) };
            bytes.reverse();
            let said = String::from_utf8_lossy(&bytes);
            panic!("the SDRAM refuses in clock {at}: {}", said.trim_start_matches('\0'));
        }
    }

    /// Clocks once for each level on the one-bit `input`; `seen` gets the one-bit `output` after
    /// each. Both slices have the same length.
    pub fn line(&mut self, input: PortId, levels: &[u8], output: PortId, seen: &mut [u8]) {
        assert_eq!(levels.len(), seen.len());
        let (input, output) = (&self.ports[input.0], &self.ports[output.0]);
        assert!(input.bits == 1 && output.bits == 1);
        self.clocks += levels.len() as u64;
        // SAFETY: the ports are into this live instance, the slices have the length given.
        unsafe {
            (self.line)(
                self.handle,
                input.data,
                levels.as_ptr(),
                output.data,
                seen.as_mut_ptr(),
                levels.len() as u64,
            )
        }
        self.obeyed();
    }

    /// Feeds beats of `width` bytes as they are taken, and takes words as they come, until `found`
    /// is full and the core is free; false if that takes more clocks than `limit`.
    pub(super) fn stream(
        &mut self,
        ports: &Streams,
        beats: &[u8],
        width: usize,
        found: &mut [u32],
        limit: u64,
    ) -> bool {
        let Streams { data, valid, take, ready, there, word, busy } = *ports;
        let bits = [(data, 8 * width), (valid, 1), (take, 1), (ready, 1), (there, 1), (busy, 1)];
        assert!(bits.iter().all(|&(port, bits)| self.bits(port) == bits) && self.bits(word) == 32);
        let places = [data, valid, take, ready, there, word, busy].map(|p| self.ports[p.0].data);
        let count = |length: usize| length as u64;
        // SAFETY: the ports are into this live instance and have the widths that the driver takes
        // them for; beats are whole, and words as many as there is room for.
        let clocks = unsafe {
            (self.stream)(
                self.handle,
                places.as_ptr(),
                beats.as_ptr(),
                count(beats.len() / width),
                count(width),
                found.as_mut_ptr(),
                count(found.len()),
                limit,
            )
        };
        self.clocks += clocks;
        self.obeyed();
        clocks < limit
    }

    /// Writes waves (VCD) from now on; false if the model was built without them, or if the path
    /// holds a zero byte.
    pub fn waves(&mut self, path: &Path) -> bool {
        let Ok(path) = CString::new(path.as_os_str().as_encoded_bytes()) else {
            return false;
        };
        // SAFETY: the handle is live and the path ends with a zero.
        unsafe { (self.waves)(self.handle, path.as_ptr()) != 0 }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the handle is live and not used again.
        unsafe { (self.free)(self.handle) }
    }
}

/// Bytes that Verilator gives a port: 1, 2, 4, 8, or whole 32-bit words.
fn storage(bits: usize) -> usize {
    match bits {
        0..=8 => 1,
        9..=16 => 2,
        17..=32 => 4,
        33..=64 => 8,
        _ => bits.div_ceil(32) * 4,
    }
}
