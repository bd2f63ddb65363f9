//! Where a query's words stand in a text, and how well they fit.

use super::fold::Folded;
use super::query::{Fit, Query};
use super::stem::Stemmers;

/// A text that matches.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Matches {
    /// Ranges of the text's characters, ascending and apart.
    pub(super) places: Vec<(usize, usize)>,
    /// The higher the better; only comparable within a query.
    pub(super) score: u32,
}

/// Matches a text; `None` unless all words occur, and none that must not.
pub(super) fn matches(query: &Query, text: &Folded, stemmers: &Stemmers) -> Option<Matches> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut score = 0;
    // Where the word before ended, to see whether they follow each other as asked for.
    let mut ends: Vec<usize> = Vec::new();
    for term in &query.terms {
        let mut best = None;
        let mut next_ends = Vec::new();
        let mut follows = false;
        term.find(text, stemmers, |start, end, fit| {
            best = best.max(Some(fit));
            follows |= ends.contains(&start);
            next_ends.push(end + 1);
            found.extend(text.origin(start, end));
        });
        score += match best? {
            Fit::Exact => 4,
            Fit::Form => 3,
            Fit::Beginning => 1,
        };
        score += u32::from(follows) * 2;
        ends = next_ends;
    }
    for term in &query.without {
        let mut occurs = false;
        term.find(text, stemmers, |_, _, _| occurs = true);
        if occurs {
            return None;
        }
    }
    found.sort_unstable();
    // One word may begin with another: what overlaps is one match.
    found.dedup_by(|later, kept| {
        let overlap = later.0 < kept.1;
        if overlap {
            kept.1 = kept.1.max(later.1);
        }
        overlap
    });
    Some(Matches {
        places: found,
        score,
    })
}
