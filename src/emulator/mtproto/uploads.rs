//! Parts of files on their way in: <https://core.telegram.org/api/files#uploading-files>.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Largest part.
const LARGEST_PART: usize = 512 * 1024;
/// What the size of every part but the last must be a multiple of.
const UNIT: usize = 1_024;
/// Parts of one file, at most.
const MOST_PARTS: i32 = 8_000;
/// Bytes that all unfinished files may take together; the oldest file is forgotten first.
const ROOM: usize = 1024 * 1024 * 1024;

/// Why a part, or a whole file, is refused. `Display` is Telegram's error name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UploadError {
    /// The number of the part is out of bounds.
    #[error("FILE_PART_INVALID")]
    Number,
    /// Nothing in it.
    #[error("FILE_PART_EMPTY")]
    Empty,
    /// More than half a mebibyte.
    #[error("FILE_PART_TOO_BIG")]
    TooBig,
    /// No multiple of 1,024 bytes, or not like the others, before the last part.
    #[error("FILE_PART_SIZE_INVALID")]
    Size,
    /// The file is said to have a wrong number of parts.
    #[error("FILE_PARTS_INVALID")]
    Count,
    /// A part has not come.
    #[error("FILE_PART_{0}_MISSING")]
    Missing(i32),
    /// All of it together is more than the emulator keeps.
    #[error("FILE_PART_TOO_BIG")]
    NoRoom,
}

/// Unfinished files by account and the client's number for the file. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Uploads(Arc<Mutex<Inner>>);

type Name = (i64, i64);

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<Name, BTreeMap<i32, Vec<u8>>>,
    /// In the order in which they began.
    order: VecDeque<Name>,
    bytes: usize,
}

impl Uploads {
    /// Takes a part in; one that came before is replaced.
    pub(super) fn save(
        &self,
        user: i64,
        file: i64,
        part: i32,
        bytes: Vec<u8>,
    ) -> Result<(), UploadError> {
        if !(0..MOST_PARTS).contains(&part) {
            return Err(UploadError::Number);
        }
        if bytes.is_empty() {
            return Err(UploadError::Empty);
        }
        if bytes.len() > LARGEST_PART {
            return Err(UploadError::TooBig);
        }
        let mut inner = self.lock();
        let name = (user, file);
        while inner.bytes + bytes.len() > ROOM {
            match inner.order.front().copied() {
                Some(oldest) if oldest != name => inner.forget(oldest),
                _ => return Err(UploadError::NoRoom),
            }
        }
        if !inner.files.contains_key(&name) {
            inner.order.push_back(name);
        }
        inner.bytes += bytes.len();
        let replaced = inner.files.entry(name).or_default().insert(part, bytes);
        inner.bytes -= replaced.map_or(0, |old| old.len());
        Ok(())
    }

    /// Puts a file's parts together.
    pub(super) fn whole(&self, user: i64, file: i64, parts: i32) -> Result<Vec<u8>, UploadError> {
        if !(1..=MOST_PARTS).contains(&parts) {
            return Err(UploadError::Count);
        }
        let inner = self.lock();
        let name = (user, file);
        let known = inner.files.get(&name).ok_or(UploadError::Missing(0))?;
        if let Some(part) = (0..parts).find(|part| !known.contains_key(part)) {
            return Err(UploadError::Missing(part));
        }
        let mut whole = Vec::new();
        let size = known.get(&0).map_or(0, Vec::len);
        for part in 0..parts {
            let bytes = known.get(&part).ok_or(UploadError::Missing(part))?;
            let last = part == parts - 1;
            let regular = bytes.len() == size && bytes.len().is_multiple_of(UNIT);
            if !last && !regular || bytes.len() > size {
                return Err(UploadError::Size);
            }
            whole.extend_from_slice(bytes);
        }
        Ok(whole)
    }

    /// Forgets the parts of a file: once it is where it belongs.
    pub(super) fn forget(&self, user: i64, file: i64) {
        self.lock().forget((user, file));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn forget(&mut self, name: Name) {
        let parts = self.files.remove(&name).unwrap_or_default();
        self.bytes -= parts.values().map(Vec::len).sum::<usize>();
        self.order.retain(|known| *known != name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_any_order_make_a_file() {
        let uploads = Uploads::default();
        for (part, bytes) in [(2, vec![3; 10]), (0, vec![1; 1024]), (1, vec![2; 1024])] {
            assert_eq!(uploads.save(1, 7, part, bytes), Ok(()));
        }
        assert_eq!(uploads.whole(2, 7, 3), Err(UploadError::Missing(0)));
        assert_eq!(uploads.whole(1, 7, 4), Err(UploadError::Missing(3)));
        let whole = [vec![1; 1024], vec![2; 1024], vec![3; 10]].concat();
        assert_eq!(uploads.whole(1, 7, 3), Ok(whole));
        uploads.forget(1, 7);
        assert_eq!(uploads.whole(1, 7, 3), Err(UploadError::Missing(0)));
        assert_eq!(uploads.lock().bytes, 0);
    }

    #[test]
    fn what_cannot_be_a_part_is_refused() {
        let uploads = Uploads::default();
        assert_eq!(uploads.save(1, 1, -1, vec![1]), Err(UploadError::Number));
        assert_eq!(uploads.save(1, 1, 0, vec![]), Err(UploadError::Empty));
        let large = vec![0; LARGEST_PART + 1];
        assert_eq!(uploads.save(1, 1, 0, large), Err(UploadError::TooBig));
        assert_eq!(uploads.save(1, 1, 0, vec![1; 100]), Ok(()));
        assert_eq!(uploads.save(1, 1, 1, vec![1; 100]), Ok(()));
        assert_eq!(uploads.whole(1, 1, 2), Err(UploadError::Size));
        assert_eq!(uploads.whole(1, 1, 0), Err(UploadError::Count));
        assert_eq!(UploadError::Missing(4).to_string(), "FILE_PART_4_MISSING");
    }
}
