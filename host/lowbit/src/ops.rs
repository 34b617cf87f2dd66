//! What the library lacks, or has only in orders whose results depend on the number of threads:
//! patches of a picture, pooling, batch norm and quantization, each with its gradient.
//!
//! Pictures are rows of `channels` numbers, a row a pixel, pixel after pixel, picture after
//! picture; all is `f32`, and every sum is taken in one order.

use candle_core::{
    bail, CpuStorage, CustomOp1, CustomOp2, CustomOp3, Layout, Result, Shape, Tensor,
};

/// The numbers of a contiguous tensor.
fn numbers<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("a tensor is not contiguous"),
    }
}

/// All numbers of a tensor.
///
/// # Errors
/// If they are no `f32`.
pub fn values(tensor: &Tensor) -> Result<Vec<f32>> {
    tensor.flatten_all()?.to_vec1()
}

/// A tensor of these numbers.
///
/// # Errors
/// If the shape has another number of places.
pub fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> Result<Tensor> {
    Tensor::from_vec(values, shape.into(), &candle_core::Device::Cpu)
}

/// The patches of 3x3 pixels around each pixel, zeros beyond the edge, a row each, and a 1 at the
/// row's end that a bias is multiplied by.
#[derive(Clone, Copy, Debug)]
pub struct Patches {
    /// Of the picture whose pixels the patches are around.
    pub height: usize,
    /// Of the same.
    pub width: usize,
    /// Each pixel that is there stands for so many in a row and in a column.
    pub enlarge: usize,
}

impl Patches {
    fn source(&self) -> (usize, usize) {
        (self.height.div_ceil(self.enlarge), self.width.div_ceil(self.enlarge))
    }

    /// Calls `each` with the place of a patch's part, and that of its pixel.
    fn visit(&self, pixels: usize, channels: usize, mut each: impl FnMut(usize, usize)) {
        let (rows, columns) = self.source();
        let length = 9 * channels + 1;
        for picture in 0..pixels / (rows * columns) {
            for y in 0..self.height {
                for x in 0..self.width {
                    let patch = (picture * self.height + y) * self.width + x;
                    for k in 0..9 {
                        let (py, px) = (y + k / 3, x + k % 3);
                        let inside =
                            (1..=self.height).contains(&py) && (1..=self.width).contains(&px);
                        if inside {
                            let (py, px) = ((py - 1) / self.enlarge, (px - 1) / self.enlarge);
                            let pixel = (picture * rows + py) * columns + px;
                            each(patch * length + k * channels, pixel * channels);
                        }
                    }
                }
            }
        }
    }
}

impl CustomOp1 for Patches {
    fn name(&self) -> &'static str {
        "patches"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let from = numbers(storage, layout)?;
        let (pixels, channels) = layout.shape().dims2()?;
        let (rows, columns) = self.source();
        let patches = pixels / (rows * columns) * self.height * self.width;
        let length = 9 * channels + 1;
        let mut to = vec![0.0; patches * length];
        self.visit(pixels, channels, |a, b| {
            to[a..a + channels].copy_from_slice(&from[b..b + channels]);
        });
        to.iter_mut().skip(length - 1).step_by(length).for_each(|one| *one = 1.0);
        Ok((CpuStorage::F32(to), (patches, length).into()))
    }

    fn bwd(&self, arg: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (pixels, channels) = arg.dims2()?;
        let from = values(grad)?;
        let mut to = vec![0.0_f32; pixels * channels];
        self.visit(pixels, channels, |a, b| {
            to[b..b + channels].iter_mut().zip(&from[a..]).for_each(|(to, from)| *to += from);
        });
        tensor(to, (pixels, channels)).map(Some)
    }
}

/// The largest of 2x2 pixels; the last row and column of odd sizes are left out.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Of the pictures that are pooled.
    pub height: usize,
    /// Of the same.
    pub width: usize,
}

impl Pool {
    /// Calls `each` with the place of each result and that of the first that is largest.
    fn visit(&self, from: &[f32], channels: usize, mut each: impl FnMut(usize, usize)) {
        let Self { height, width } = *self;
        let mut to = 0;
        for picture in 0..from.len() / (height * width * channels) {
            for y in 0..height / 2 {
                for x in 0..width / 2 {
                    let first = ((picture * height + 2 * y) * width + 2 * x) * channels;
                    for c in 0..channels {
                        let places = [0, 1, width, width + 1].map(|at| first + at * channels + c);
                        let best =
                            places.into_iter().reduce(|a, b| if from[b] > from[a] { b } else { a });
                        each(to, best.unwrap_or(first));
                        to += 1;
                    }
                }
            }
        }
    }
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let from = numbers(storage, layout)?;
        let (pixels, channels) = layout.shape().dims2()?;
        let rows = pixels / (self.height * self.width) * (self.height / 2) * (self.width / 2);
        let mut to = vec![0.0; rows * channels];
        self.visit(from, channels, |a, b| to[a] = from[b]);
        Ok((CpuStorage::F32(to), (rows, channels).into()))
    }

    fn bwd(&self, arg: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (from, grad) = (values(arg)?, values(grad)?);
        let mut to = vec![0.0_f32; from.len()];
        self.visit(&from, arg.dims2()?.1, |a, b| to[b] += grad[a]);
        tensor(to, arg.shape().clone()).map(Some)
    }
}

/// Rounds to multiples of a scale between two codes, halves up: `scale * clamp(floor(x / scale +
/// 1/2), low, high)`. There is one scale, or one for each column.
///
/// Gradients are those of learned step size quantization (Esser et al. 2020): rounding passes them,
/// clamping does not, and the scale has that of the rounding error.
#[derive(Clone, Copy, Debug)]
pub struct Quantize {
    /// The lowest code.
    pub low: f32,
    /// The highest code.
    pub high: f32,
}

impl Quantize {
    /// Unsigned codes of so many bits.
    pub fn unsigned(bits: u32) -> Self {
        Self { low: 0.0, high: ((1_u32 << bits) - 1) as f32 }
    }

    /// Signed codes of so many bits, as many below 0 as above.
    pub fn signed(bits: u32) -> Self {
        let high = ((1_u32 << (bits - 1)) - 1) as f32;
        Self { low: -high, high }
    }

    /// A number's code.
    pub fn code(&self, x: f32, scale: f32) -> f32 {
        // What is not negative is rounded down by a cast, without a call.
        let x = (x / scale + 0.5).clamp(self.low, self.high + 0.5) - self.low;
        x as i32 as f32 + self.low
    }
}

impl CustomOp2 for Quantize {
    fn name(&self) -> &'static str {
        "quantize"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, scale) = (numbers(s1, l1)?, numbers(s2, l2)?);
        let row = |row: &[f32]| -> Vec<f32> {
            row.iter().zip(scale).map(|(x, s)| self.code(*x, *s) * s).collect()
        };
        let to = match scale {
            [s] => x.iter().map(|x| self.code(*x, *s) * s).collect(),
            _ => x.chunks(scale.len()).flat_map(row).collect(),
        };
        Ok((CpuStorage::F32(to), l1.shape().clone()))
    }

    fn bwd(
        &self,
        arg: &Tensor,
        scale: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (x, scales, mut grad) = (values(arg)?, values(scale)?, values(grad)?);
        let one = |x: f32, scale: f32, grad: &mut f32| -> f32 {
            let v = x / scale;
            let inside = v >= self.low && v <= self.high;
            let of_scale = *grad * (self.code(x, scale) - if inside { v } else { 0.0 });
            *grad *= f32::from(inside);
            of_scale
        };
        let of_scale = match scales.as_slice() {
            [scale] => vec![x.iter().zip(&mut grad).map(|(x, g)| one(*x, *scale, g)).sum()],
            scales => {
                let mut sums = vec![0.0_f32; scales.len()];
                for (x, grad) in x.chunks(scales.len()).zip(grad.chunks_mut(scales.len())) {
                    for (i, sum) in sums.iter_mut().enumerate() {
                        *sum += one(x[i], scales[i], &mut grad[i]);
                    }
                }
                sums
            }
        };
        let grad = tensor(grad, arg.shape().clone())?;
        Ok((Some(grad), Some(tensor(of_scale, scale.shape().clone())?)))
    }
}

/// What batch norm adds to a variance.
pub const EPSILON: f32 = 1e-5;

/// Batch norm by the batch's own statistics, with factors and offsets, one for each column.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm;

/// Mean and variance of each column.
pub fn statistics(x: &[f32], columns: usize) -> (Vec<f32>, Vec<f32>) {
    let rows = (x.len() / columns) as f32;
    let mean = |of: &dyn Fn(usize, f32) -> f32| {
        let mut sums = vec![0.0_f32; columns];
        for row in x.chunks(columns) {
            sums.iter_mut().zip(row).enumerate().for_each(|(c, (sum, x))| *sum += of(c, *x));
        }
        sums.iter_mut().for_each(|sum| *sum /= rows);
        sums
    };
    let means = mean(&|_, x| x);
    let variances = mean(&|c, x| (x - means[c]) * (x - means[c]));
    (means, variances)
}

impl CustomOp3 for BatchNorm {
    fn name(&self) -> &'static str {
        "batch_norm"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, factor, offset) = (numbers(s1, l1)?, numbers(s2, l2)?, numbers(s3, l3)?);
        let columns = l1.shape().dims2()?.1;
        let (mean, variance) = statistics(x, columns);
        let mut to = Vec::with_capacity(x.len());
        let factors: Vec<f32> =
            factor.iter().zip(&variance).map(|(f, v)| f / (v + EPSILON).sqrt()).collect();
        for row in x.chunks(columns) {
            to.extend(row.iter().enumerate().map(|(c, x)| (x - mean[c]) * factors[c] + offset[c]));
        }
        Ok((CpuStorage::F32(to), l1.shape().clone()))
    }

    fn bwd(
        &self,
        arg: &Tensor,
        factor: &Tensor,
        offset: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, columns) = arg.dims2()?;
        let (x, grad, factors) = (values(arg)?, values(grad)?, values(factor)?);
        let (mean, variance) = statistics(&x, columns);
        let inverse: Vec<f32> = variance.iter().map(|v| 1.0 / (v + EPSILON).sqrt()).collect();
        let (mut of_factor, mut of_offset) = (vec![0.0_f32; columns], vec![0.0_f32; columns]);
        for (x, g) in x.chunks(columns).zip(grad.chunks(columns)) {
            for c in 0..columns {
                of_factor[c] += g[c] * (x[c] - mean[c]) * inverse[c];
                of_offset[c] += g[c];
            }
        }
        let rows = rows as f32;
        let mut to = Vec::with_capacity(x.len());
        for (x, g) in x.chunks(columns).zip(grad.chunks(columns)) {
            to.extend((0..columns).map(|c| {
                let normal = (x[c] - mean[c]) * inverse[c];
                let rest = g[c] - of_offset[c] / rows - normal * of_factor[c] / rows;
                rest * inverse[c] * factors[c]
            }));
        }
        Ok((
            Some(tensor(to, arg.shape().clone())?),
            Some(tensor(of_factor, factor.shape().clone())?),
            Some(tensor(of_offset, offset.shape().clone())?),
        ))
    }
}

/// Mean and variance of each column, with gradients.
///
/// # Errors
/// If it is no matrix.
pub fn moments(x: &Tensor) -> Result<(Tensor, Tensor)> {
    let rows = x.dims2()?.0;
    let ones = tensor(vec![1.0 / rows as f32; rows], (1, rows))?;
    let mean = ones.matmul(x)?;
    let variance = (ones.matmul(&x.sqr()?)? - mean.sqr()?)?;
    Ok((mean, variance))
}

/// Logarithms of the probabilities that scores stand for, row by row.
///
/// # Errors
/// If it is no matrix.
pub fn log_softmax(scores: &Tensor) -> Result<Tensor> {
    let largest = scores.max_keepdim(1)?.detach();
    let shifted = scores.broadcast_sub(&largest)?;
    shifted.broadcast_sub(&shifted.exp()?.sum_keepdim(1)?.log()?)
}
