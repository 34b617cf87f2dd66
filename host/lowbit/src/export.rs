//! The student as the network of whole numbers that a core computes.

use crate::layers::Input;
use crate::network::{Place, Step};
use crate::student::{Codes, Student};
use fixlearn::{Error, Result};
use fixlearn_sim::golden::cores::network::file::{FileLayer, NetworkFile, Shape, Weights, FORMAT};

/// Multiplier and shift of a factor: 16 bits, as many of them used as there are.
///
/// # Errors
/// If the factor is beyond what they can say.
pub fn factor(factor: f64) -> std::result::Result<(u16, u8), String> {
    // 2^15 <= factor * 2^shift < 2^16, if the shift may be so large.
    let shift = (15.0 - factor.log2().floor()).clamp(0.0, 31.0);
    let multiplier = (factor * shift.exp2()).round();
    match multiplier {
        m if (0.0..=65535.0).contains(&m) => Ok((m as u16, shift as u8)),
        // It was rounded up to the next power of two.
        m if m < 65537.0 && shift >= 1.0 => Ok((32768, shift as u8 - 1)),
        _ => Err(format!("a factor of {factor:e} between two layers is too large")),
    }
}

/// The network of whole numbers: a layer's scales become its multipliers, shifts, and the unit of
/// its biases.
///
/// # Errors
/// If a core cannot hold it, in its own words.
pub fn file(student: &Student) -> Result<NetworkFile> {
    let network = &student.network;
    let Input { channels, height, width, bits, largest } = network.input;
    let mut unit = f64::from(network.input.step());
    let mut codes = student.codes().map_err(crate::wrong)?.into_iter();
    let mut layers = Vec::new();
    for step in &network.steps {
        let Step::Linear(linear) = step else {
            layers.push(FileLayer::Pool);
            continue;
        };
        let Some(Codes { weights, bias, scales, next }) = codes.next() else { break };
        let Place { height, width, channels } = linear.place;
        let size = if linear.convolution { 9 } else { height * width };
        let scale = |output: usize| f64::from(scales[output % scales.len()]);
        let mut to = Weights {
            outputs: linear.outputs,
            weight_bits: student.bits.weights,
            ..Weights::default()
        };
        for output in 0..linear.outputs {
            for c in 0..channels {
                let term = |k: usize| weights[(k * channels + c) * linear.outputs + output];
                to.weights.extend((0..size).map(|k| term(k) as i16));
            }
            let unit = unit * scale(output);
            to.bias.push((f64::from(bias[output]) / unit).round() as i32);
            if let Some(next) = next {
                let wrong =
                    |what| Error::request(format!("the network cannot be exported: {what}"));
                let (multiplier, shift) = factor(unit / f64::from(next)).map_err(wrong)?;
                to.multiplier.push(multiplier);
                to.shift.push(shift);
            }
        }
        if let Some(next) = next {
            to.activation_bits = student.bits.activations;
            unit = f64::from(next);
        }
        layers.push(match linear.convolution {
            true => FileLayer::Conv(to),
            false => FileLayer::Dense(to),
        });
    }
    let input = Shape { channels, height, width, bits };
    let core = fixlearn_map::network::CORE.name.to_string();
    let classes = network.classes.clone();
    let largest = Some(largest.into());
    let file = NetworkFile { format: FORMAT, core, input, largest, layers, classes };
    file.validate().map_err(|what| {
        Error::request(format!("no core holds the network: {what}; choose a smaller one"))
    })?;
    Ok(file)
}
