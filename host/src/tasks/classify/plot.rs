//! The learning curve of a network's last layer as a picture.

use crate::plot::Curves;

/// Images that were wrong against epochs.
pub fn wrong(by_epoch: &[u32]) -> Curves {
    let points =
        (1..).zip(by_epoch).map(|(epoch, &wrong)| (f64::from(epoch), wrong.into())).collect();
    let title = "Images that were wrong, each before it was learned";
    Curves::counted(title, "images", "wrong", points)
}
