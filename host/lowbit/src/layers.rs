//! The layer list: what a file of tensors does not say of its network.

use crate::ops::EPSILON;
use fixlearn_sim::golden::cores::network::file::{twice, MOST_CLASSES};
use serde::{Deserialize, Serialize};

/// The most channels of a layer, and rows or columns of a picture.
pub const MOST: usize = 256;

/// The most layers.
const LAYERS: usize = 64;

/// What a network is asked about: values of a table, pixel after pixel, row after row, channel
/// after channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Planes of a picture.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
    /// Of a sample: values from 0 to `largest` become samples from 0 to `2^bits - 1`.
    pub bits: u32,
    /// The largest value; what is above counts as that.
    pub largest: f32,
}

impl Input {
    /// What a sample's step stands for.
    pub fn step(&self) -> f32 {
        self.largest / ((1_u32 << self.bits) - 1) as f32
    }
}

/// A layer; tensors are named as in PyTorch, by the layer's name, a point, and `weight`, `bias`,
/// `running_mean` or `running_var`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// 3x3, a pixel of zeros around the picture; weights are outputs x inputs x 3 x 3.
    Conv {
        /// Of its tensors.
        name: String,
    },
    /// Of the convolution, or dense layer, before it.
    BatchNorm {
        /// Of its tensors.
        name: String,
        /// Added to the variance.
        #[serde(default = "epsilon")]
        epsilon: f32,
    },
    /// What is below 0 becomes 0.
    Relu {},
    /// The largest of 2x2.
    Pool {},
    /// Of all values, channel after channel; weights are outputs x inputs.
    Dense {
        /// Of its tensors.
        name: String,
    },
}

fn epsilon() -> f32 {
    EPSILON
}

/// The list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layers {
    /// What is asked.
    pub input: Input,
    /// In the order in which they are computed; the last is dense, and gives the scores.
    pub layers: Vec<Layer>,
    /// What the scores are of.
    pub classes: Vec<String>,
}

impl Layers {
    /// Reads it.
    ///
    /// # Errors
    /// Saying what is wrong with it, and the mend.
    pub fn read(text: &[u8]) -> Result<Self, String> {
        let wrong = |e: serde_json::Error| {
            format!(
                "is no layer list: {e}; one has `input`, `layers` (as {{\"kind\":\"conv\",\
                 \"name\":\"conv1\"}}) and `classes`"
            )
        };
        let list: Self = serde_json::from_slice(text).map_err(wrong)?;
        list.validate()?;
        Ok(list)
    }

    /// # Errors
    /// Saying which rule does not hold.
    pub fn validate(&self) -> Result<(), String> {
        self.ends()?;
        if !(1..=LAYERS).contains(&self.layers.len()) {
            let count = self.layers.len();
            return Err(format!("the layer list has {count} layers; give 1 to {LAYERS}"));
        }
        self.order()
    }

    /// Looks at what is asked, and at what the scores are of.
    ///
    /// # Errors
    /// As [`Layers::validate`]'s.
    pub fn ends(&self) -> Result<(), String> {
        let Input { channels, height, width, bits, largest } = self.input;
        let sizes = [("channels", channels), ("height", height), ("width", width)];
        for (name, size) in sizes {
            if !(1..=MOST).contains(&size) {
                return Err(format!("the input has {name} {size}; give 1 to {MOST}"));
            }
        }
        if !(1..=8).contains(&bits) {
            return Err(format!("the input has {bits} bits; give 1 to 8"));
        }
        if !(largest.is_finite() && largest >= f32::MIN_POSITIVE) {
            return Err("the largest pixel is not above 0; give one that is".into());
        }
        if !(2..=MOST_CLASSES).contains(&self.classes.len()) {
            let count = self.classes.len();
            return Err(format!("there are {count} classes; give 2 to {MOST_CLASSES}"));
        }
        match twice(&self.classes) {
            Some(class) => Err(format!("the class `{class}` is named twice, or not at all")),
            None => Ok(()),
        }
    }

    /// Whether each layer may follow the one before it.
    fn order(&self) -> Result<(), String> {
        let (mut height, mut width) = (self.input.height, self.input.width);
        let mut dense = false;
        for (i, layer) in self.layers.iter().enumerate() {
            let before = i.checked_sub(1).map(|i| &self.layers[i]);
            let wrong = |what: &str| Err(format!("layer {} of the layer list {what}", i + 1));
            let linear = matches!(before, Some(Layer::Conv { .. } | Layer::Dense { .. }));
            let normal = matches!(before, Some(Layer::BatchNorm { .. }));
            match layer {
                Layer::BatchNorm { .. } if !linear => {
                    return wrong("is batch norm; put it behind a convolution or dense layer");
                }
                Layer::BatchNorm { epsilon, .. } if !(0.0..=1.0).contains(epsilon) => {
                    return wrong("has an `epsilon` that is not from 0 to 1; 0.00001 is usual");
                }
                Layer::Relu {} if !linear && !normal => {
                    return wrong(
                        "is ReLU; put it behind a convolution, dense layer or batch norm",
                    );
                }
                Layer::Conv { .. } | Layer::Dense { .. } | Layer::Pool {} if linear || normal => {
                    return wrong("needs ReLU before it; put {\"kind\":\"relu\"} there");
                }
                Layer::Conv { .. } | Layer::Pool {} if dense => {
                    return wrong("is behind a dense layer; only dense layers can be there");
                }
                Layer::Pool {} if height < 2 || width < 2 => {
                    return wrong("pools a picture of less than 2x2; leave it out");
                }
                Layer::Pool {} => (height, width) = (height / 2, width / 2),
                Layer::Dense { .. } => dense = true,
                _ => {}
            }
        }
        match self.layers.last() {
            Some(Layer::Dense { .. }) => Ok(()),
            _ => Err("the layer list does not end with a dense layer; the scores are its".into()),
        }
    }

    /// The names of the layers that have tensors.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().filter_map(|layer| match layer {
            Layer::Conv { name } | Layer::BatchNorm { name, .. } | Layer::Dense { name } => {
                Some(name.as_str())
            }
            Layer::Relu {} | Layer::Pool {} => None,
        })
    }
}
