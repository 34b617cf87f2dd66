//! Which points no other one beats.

/// For each point whether it is on the Pareto front: no other is at least as good in every number
/// and better in one. More is better.
///
/// ```
/// use fixlearn::sweep::front;
/// let points = [vec![1.0, 5.0], vec![2.0, 4.0], vec![1.0, 4.0], vec![2.0, 4.0]];
/// assert_eq!(front(&points), [true, true, false, true]);
/// ```
pub fn front(points: &[Vec<f64>]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    // The best come first: whatever beats a point is before it, and so is one that nothing beats.
    order.sort_by(|&a, &b| {
        let numbers = points[b].iter().zip(&points[a]).map(|(b, a)| b.total_cmp(a));
        numbers.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    let mut on = vec![false; points.len()];
    let mut kept: Vec<usize> = Vec::new();
    for point in order {
        let beaten = kept.iter().any(|&other| beats(&points[other], &points[point]));
        if !beaten {
            on[point] = true;
            kept.push(point);
        }
    }
    on
}

/// It is at least as good in every number, and better in one.
fn beats(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a >= b) && a != b
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_no_point_beats(
            points in prop::collection::vec(prop::collection::vec(-4_i8..4, 3), 0..40),
        ) {
            let points: Vec<Vec<f64>> =
                points.iter().map(|p| p.iter().map(|&x| f64::from(x) / 2.0).collect()).collect();
            let by_definition: Vec<bool> =
                points.iter().map(|p| !points.iter().any(|other| beats(other, p))).collect();
            prop_assert_eq!(front(&points), by_definition);
        }
    }
}
