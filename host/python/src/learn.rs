//! Learning a run of any task.

use crate::call::Call;
use fixlearn::device::Device;
use fixlearn::run::{Run, RESIDENT};
use fixlearn::task::Task;
use fixlearn::{session, Error, Result};

/// Learns until the task is done; what an error has left is still handed back.
pub fn learn<T: Task>(
    device: &mut Device<T::Core>,
    run: &mut Run<T>,
    data: &T::Data,
    call: &Call,
) -> Option<Error> {
    call.learns();
    let keep = |run: &Run<T>, _: bool| {
        call.mark(run.curve.last());
        Ok(())
    };
    let error = session::learn(device, run, data, &keep, &call.stop).err();
    call.mark(run.curve.last());
    error
}

/// The vectors that each pass is to learn first.
pub fn resident(asked: Option<u64>) -> Result<Option<usize>> {
    if asked.is_some_and(|resident| !RESIDENT.contains(&resident)) {
        let (least, most) = (RESIDENT.start(), RESIDENT.end());
        return Err(Error::request(format!("--resident: {least} to {most}")));
    }
    Ok(asked.map(|resident| resident as usize))
}
