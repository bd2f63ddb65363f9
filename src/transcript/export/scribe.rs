//! The thread that writes an export's files and hashes them on the way.

use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use ring::digest::{Context, SHA256};

use super::manifest::FileEntry;

/// Bytes handed over together.
const LOT: usize = 256 << 10;
/// How many lots may wait: a slow disk holds the rest up and memory stays.
const WAITING: usize = 8;
/// Lots that are kept to be used again.
const SPARE: usize = 12;

/// Where an export's files go.
pub trait Shelf {
    /// Begins a file; `path` is relative, its parts separated by `/`.
    ///
    /// # Errors
    /// Where it cannot be made.
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write + Send>>;
}

enum Order {
    Begin(String, Box<dyn Write + Send>),
    Bytes(usize, Vec<u8>),
    End(usize),
    Tell(SyncSender<Vec<FileEntry>>),
}

type Spare = Arc<Mutex<Vec<Vec<u8>>>>;

/// Writes files beside the work, several at a time if need be.
pub(super) struct Scribe {
    orders: Option<SyncSender<Order>>,
    thread: Option<JoinHandle<io::Result<Vec<FileEntry>>>>,
    spare: Spare,
    files: usize,
}

impl Scribe {
    pub(super) fn new() -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let spare = Spare::default();
        let used = Arc::clone(&spare);
        let thread = thread::Builder::new()
            .name("export".to_owned())
            .spawn(move || work(&receiver, &used))?;
        Ok(Self {
            orders: Some(sender),
            thread: Some(thread),
            spare,
            files: 0,
        })
    }

    /// Begins a file. It ends when what is returned is dropped.
    pub(super) fn begin(&mut self, shelf: &mut dyn Shelf, path: &str) -> io::Result<Sheet> {
        let file = shelf.create(path)?;
        let Some(orders) = &self.orders else {
            return Err(gone());
        };
        let order = Order::Begin(path.to_owned(), file);
        orders.send(order).map_err(|_| gone())?;
        let number = self.files;
        self.files += 1;
        Ok(Sheet {
            number,
            lot: Vec::with_capacity(LOT),
            orders: orders.clone(),
            spare: Arc::clone(&self.spare),
        })
    }

    /// Waits until what ended is written; those files so far.
    pub(super) fn written(&self) -> io::Result<Vec<FileEntry>> {
        let orders = self.orders.as_ref().ok_or_else(gone)?;
        let (tell, told) = sync_channel(1);
        orders.send(Order::Tell(tell)).map_err(|_| gone())?;
        told.recv().map_err(|_| gone())
    }

    /// Waits until everything is written; what was, by path. All files must have ended. Where
    /// writing failed earlier on, this says why.
    pub(super) fn finish(&mut self) -> io::Result<Vec<FileEntry>> {
        self.orders = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(files)) => files,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Err(gone()),
        }
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "writing has ended")
}

struct Open {
    file: Box<dyn Write + Send>,
    hash: Context,
    entry: FileEntry,
}

fn work(orders: &Receiver<Order>, spare: &Spare) -> io::Result<Vec<FileEntry>> {
    let mut open: Vec<Option<Open>> = Vec::new();
    let mut done: Vec<FileEntry> = Vec::new();
    for order in orders {
        match order {
            Order::Begin(path, file) => open.push(Some(Open {
                file,
                hash: Context::new(&SHA256),
                entry: FileEntry {
                    path,
                    bytes: 0,
                    sha256: String::new(),
                },
            })),
            Order::Bytes(number, mut lot) => {
                if let Some(Some(file)) = open.get_mut(number) {
                    file.file.write_all(&lot)?;
                    file.hash.update(&lot);
                    file.entry.bytes += lot.len() as u64;
                }
                lot.clear();
                let mut spare = spare.lock().unwrap_or_else(PoisonError::into_inner);
                if spare.len() < SPARE {
                    spare.push(lot);
                }
            }
            // Nobody waits any more where the work has failed.
            Order::Tell(tell) => drop(tell.send(done.clone())),
            Order::End(number) => {
                if let Some(mut file) = open.get_mut(number).and_then(Option::take) {
                    file.file.flush()?;
                    file.entry.sha256 = hex(file.hash.finish().as_ref());
                    done.push(file.entry);
                }
            }
        }
    }
    done.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(done)
}

/// Bytes as small hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A file that is being written; ends when dropped.
pub(in crate::transcript) struct Sheet {
    number: usize,
    lot: Vec<u8>,
    orders: SyncSender<Order>,
    spare: Spare,
}

impl Sheet {
    fn hand_over(&mut self) -> io::Result<()> {
        if self.lot.is_empty() {
            return Ok(());
        }
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let next = spare.pop();
        drop(spare);
        let next = next.unwrap_or_else(|| Vec::with_capacity(LOT));
        let lot = mem::replace(&mut self.lot, next);
        let order = Order::Bytes(self.number, lot);
        self.orders.send(order).map_err(|_| gone())
    }
}

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.lot.is_empty() && self.lot.len() + bytes.len() > LOT {
            self.hand_over()?;
        }
        self.lot.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        // Where nobody listens any more, `Scribe::finish` says why.
        let _ = self.hand_over();
        let _ = self.orders.send(Order::End(self.number));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[derive(Default)]
    struct Kept(Vec<(String, Arc<Mutex<Vec<u8>>>)>);

    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shelf for Kept {
        fn create(&mut self, path: &str) -> io::Result<Box<dyn Write + Send>> {
            let page = Arc::default();
            self.0.push((path.to_owned(), Arc::clone(&page)));
            Ok(Box::new(Page(page)))
        }
    }

    #[test]
    fn files_side_by_side_keep_their_own_bytes() {
        let mut shelf = Kept::default();
        let mut scribe = Scribe::new().unwrap();
        let mut b = scribe.begin(&mut shelf, "b").unwrap();
        let mut a = scribe.begin(&mut shelf, "a").unwrap();
        for number in 0..200_000_u32 {
            b.write_all(&number.to_be_bytes()).unwrap();
            a.write_all(b"abc").unwrap();
        }
        drop((a, b));
        let files = scribe.finish().unwrap();
        assert_eq!(
            files
                .iter()
                .map(|file| (file.path.as_str(), file.bytes))
                .collect::<Vec<_>>(),
            [("a", 600_000), ("b", 800_000)]
        );
        assert_eq!(*shelf.0[1].1.lock().unwrap(), b"abc".repeat(200_000));
        // `printf abc%.0s $(seq 200000) | sha256sum`
        let digest = ring::digest::digest(&SHA256, &b"abc".repeat(200_000));
        assert_eq!(files[0].sha256, hex(digest.as_ref()));
    }

    struct Full;

    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("no space left"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shelf for Full {
        fn create(&mut self, _: &str) -> io::Result<Box<dyn Write + Send>> {
            Ok(Box::new(Full))
        }
    }

    #[test]
    fn why_writing_failed_is_told_at_the_end() {
        let mut scribe = Scribe::new().unwrap();
        let mut sheet = scribe.begin(&mut Full, "x").unwrap();
        let written = (0..100).try_for_each(|_| sheet.write_all(&[0; 100_000]));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        drop(sheet);
        let error = scribe.finish().unwrap_err();
        assert_eq!(error.to_string(), "no space left");
    }
}
