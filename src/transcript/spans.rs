//! Text cut where its formatting changes.

use std::cmp::Reverse;
use std::ops::Range;

use crate::model::Entity;

/// Telegram allows 100 entities a message; a file that claims more is hostile, and cutting is
/// quadratic.
const MOST: usize = 1_000;

/// A stretch of text and the indices of the entities that cover it, outermost first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span<'t> {
    pub(super) text: &'t str,
    pub(super) covered_by: Vec<usize>,
}

/// Cuts `text` at every entity's border. Offsets beyond the end or inside of a character are
/// moved to the next place where text can be cut; nothing is lost and the pieces add up to `text`.
pub(super) fn spans<'t>(text: &'t str, entities: &[Entity]) -> Vec<Span<'t>> {
    if text.is_empty() {
        return Vec::new();
    }
    let ranges = byte_ranges(text, entities);
    let mut outermost_first: Vec<usize> = (0..ranges.len()).collect();
    outermost_first.sort_by_key(|&index| {
        ranges
            .get(index)
            .map(|range| (range.start, Reverse(range.end)))
    });
    let mut cuts: Vec<usize> = ranges
        .iter()
        .flat_map(|range| [range.start, range.end])
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let covers = |index: usize, from: usize, to: usize| {
        ranges
            .get(index)
            .is_some_and(|range| range.start <= from && to <= range.end)
    };
    cuts.iter()
        .zip(cuts.iter().skip(1))
        .filter_map(|(&from, &to)| {
            Some(Span {
                text: text.get(from..to)?,
                covered_by: outermost_first
                    .iter()
                    .copied()
                    .filter(|&index| covers(index, from, to))
                    .collect(),
            })
        })
        .collect()
}

/// The entities' ranges in bytes, in their order.
fn byte_ranges(text: &str, entities: &[Entity]) -> Vec<Range<usize>> {
    let units = |entity: &Entity| {
        let start = u64::from(entity.offset);
        (start, start + u64::from(entity.length))
    };
    let mut wanted: Vec<u64> = entities
        .iter()
        .take(MOST)
        .map(units)
        .flat_map(|(start, end)| [start, end])
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    // One walk over the text finds the byte of every wanted UTF-16 unit.
    let mut found: Vec<usize> = Vec::with_capacity(wanted.len());
    let mut unit = 0u64;
    for (byte, character) in text.char_indices() {
        while wanted.get(found.len()).is_some_and(|&want| want <= unit) {
            found.push(byte);
        }
        unit += character.len_utf16() as u64;
    }
    found.resize(wanted.len(), text.len());
    let byte = |unit: u64| {
        wanted
            .binary_search(&unit)
            .ok()
            .and_then(|index| found.get(index))
            .copied()
            .unwrap_or(text.len())
    };
    entities
        .iter()
        .take(MOST)
        .map(units)
        .map(|(start, end)| byte(start)..byte(end))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::model::EntityKind;

    fn bold(offset: u32, length: u32) -> Entity {
        Entity {
            offset,
            length,
            kind: EntityKind::Bold,
        }
    }

    fn cut<'t>(text: &'t str, entities: &[Entity]) -> Vec<(&'t str, Vec<usize>)> {
        spans(text, entities)
            .into_iter()
            .map(|span| (span.text, span.covered_by))
            .collect()
    }

    #[test]
    fn offsets_count_utf16_units() {
        // The emoji takes two units, four bytes.
        assert_eq!(
            cut("😀 нет ok", &[bold(3, 3)]),
            [("😀 ", vec![]), ("нет", vec![0]), (" ok", vec![])]
        );
    }

    #[test]
    fn nested_and_crossing_entities_list_the_outermost_first() {
        assert_eq!(
            cut("abcdef", &[bold(1, 2), bold(0, 4), bold(2, 4)]),
            [
                ("a", vec![1]),
                ("b", vec![1, 0]),
                ("c", vec![1, 0, 2]),
                ("d", vec![1, 2]),
                ("ef", vec![2])
            ]
        );
    }

    #[test]
    fn what_lies_outside_or_inside_a_character_is_moved() {
        assert_eq!(cut("ab", &[bold(1, 900)]), [("a", vec![]), ("b", vec![0])]);
        assert_eq!(cut("ab", &[bold(9, 9)]), [("ab", vec![])]);
        assert_eq!(cut("😀b", &[bold(1, 2)]), [("😀", vec![]), ("b", vec![0])]);
        assert_eq!(cut("ab", &[bold(1, 0)]), [("a", vec![]), ("b", vec![])]);
        assert_eq!(cut("", &[bold(0, 1)]), []);
    }

    proptest! {
        #[test]
        fn the_pieces_add_up(
            text in "[a-zж😀\\n\u{200d}]{0,40}",
            borders in proptest::collection::vec((any::<u8>(), any::<u32>()), 0..8),
        ) {
            let entities: Vec<_> = borders
                .into_iter()
                .map(|(offset, length)| bold(u32::from(offset) / 4, length >> (offset % 32)))
                .collect();
            let joined: String = spans(&text, &entities).iter().map(|span| span.text).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
