//! Which files are worth fetching.

use super::media::MediaKind;

/// Which kinds of files are fetched, each up to how many bytes. The default fetches nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaPolicy([Option<u64>; MediaKind::FILES.len()]);

impl MediaPolicy {
    /// All kinds, up to so many bytes.
    #[must_use]
    pub const fn all(limit: u64) -> Self {
        Self([Some(limit); MediaKind::FILES.len()])
    }

    /// The same with another limit for one kind; `None`: none of it. What is no file stays none.
    #[must_use]
    pub fn with(mut self, kind: MediaKind, limit: Option<u64>) -> Self {
        if let Some(slot) = kind.file_number().and_then(|at| self.0.get_mut(at)) {
            *slot = limit;
        }
        self
    }

    /// The same, with nothing larger than so many bytes.
    #[must_use]
    pub fn up_to(mut self, bytes: u64) -> Self {
        for limit in self.0.iter_mut().flatten() {
            *limit = (*limit).min(bytes);
        }
        self
    }

    /// Up to how many bytes a kind is fetched; `None`: not at all.
    #[must_use]
    pub fn limit(&self, kind: MediaKind) -> Option<u64> {
        self.0.get(kind.file_number()?).copied().flatten()
    }

    /// Whether a file is fetched. One that does not say how large it is counts as small.
    #[must_use]
    pub fn wants(&self, kind: MediaKind, size: Option<u64>) -> bool {
        self.limit(kind)
            .is_some_and(|limit| size.unwrap_or(0) <= limit)
    }

    /// Whether anything is fetched at all.
    #[must_use]
    pub fn wants_any(&self) -> bool {
        self.0.iter().any(Option::is_some)
    }
}
