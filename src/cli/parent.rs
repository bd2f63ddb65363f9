//! The program that started this one, as far as its pipe tells.

use std::io::Read;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// A pipe that ends within this time was never anybody's hold on us: scripts and test runners
/// hand down a closed one.
const AT_ONCE: Duration = Duration::from_millis(20);

/// Watches standard input where it is a pipe or a socket. A terminal is not read, because that
/// would stop a process in the background, and a file such as `/dev/null` says nothing.
pub(super) struct Parent(Option<oneshot::Receiver<()>>);

impl Parent {
    /// Watches from now on.
    pub(super) fn watch() -> Self {
        if !is_pipe() {
            return Self(None);
        }
        let (closed, gone) = oneshot::channel();
        let began = Instant::now();
        // A thread of its own, as nothing ends a read of standard input; it ends with the process.
        let watching = std::thread::Builder::new()
            .name("parent".to_owned())
            .spawn(move || {
                let mut bytes = [0; 1024];
                let mut stdin = std::io::stdin().lock();
                let mut said = false;
                loop {
                    match stdin.read(&mut bytes) {
                        Ok(0) => break,
                        Ok(_) => said = true,
                        Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                        Err(_) => break,
                    }
                }
                if said || began.elapsed() > AT_ONCE {
                    // Nobody waits any more where the emulator has ended meanwhile.
                    let _ = closed.send(());
                }
            });
        Self(watching.ok().map(|_| gone))
    }

    /// Returns when the pipe is closed; never where there is none.
    pub(super) async fn gone(self) {
        let closed = match self.0 {
            Some(gone) => gone.await.is_ok(),
            None => false,
        };
        if !closed {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
fn is_pipe() -> bool {
    use rustix::fs::{FileType, fstat};

    let Ok(stat) = fstat(std::io::stdin()) else {
        return false;
    };
    let kind = FileType::from_raw_mode(stat.st_mode);
    kind.is_fifo() || kind.is_socket()
}

#[cfg(not(unix))]
fn is_pipe() -> bool {
    false
}
