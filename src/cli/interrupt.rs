//! Ctrl-C for commands that compute: they stop at the next message and clean up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Set once Ctrl-C or SIGTERM has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Starts listening. Where that is impossible the signal ends the process as usual.
    pub(super) fn listen() -> Self {
        let interrupt = Self::default();
        let set = interrupt.clone();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        if let Ok(runtime) = runtime {
            let waiting = {
                let _inside = runtime.enter();
                twice(move || set.0.store(true, Ordering::Relaxed))
            };
            std::thread::spawn(move || runtime.block_on(waiting));
        }
        interrupt
    }

    /// Whether it has come.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Does what the first Ctrl-C asks for; a second one ends the process at once: whoever presses it
/// again does not want to wait for the clean-up. Listens from the call on, not from the first poll.
pub(super) fn twice(first: impl FnOnce()) -> impl Future<Output = ()> {
    let mut signals = Signals::listen();
    async move {
        signals.next().await;
        first();
        signals.next().await;
        #[expect(clippy::disallowed_methods, reason = "asked for twice")]
        std::process::exit(i32::from(super::exit::INTERRUPTED));
    }
}

/// Waits for Ctrl-C or SIGTERM. Listens from the call on, not from the first poll.
#[cfg(feature = "emulator")]
pub(super) fn signal() -> impl Future<Output = ()> {
    let mut signals = Signals::listen();
    async move { signals.next().await }
}

/// Ctrl-C and SIGTERM, from now on. Where one cannot be listened for, its default action, which
/// ends the process, stays in force.
struct Signals {
    #[cfg(unix)]
    streams: [Option<tokio::signal::unix::Signal>; 2],
}

impl Signals {
    /// Needs a runtime around it.
    fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
            Self {
                streams: kinds.map(|kind| signal(kind).ok()),
            }
        }
        #[cfg(not(unix))]
        Self {}
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        {
            async fn one(stream: &mut Option<tokio::signal::unix::Signal>) {
                let came = match stream {
                    Some(stream) => stream.recv().await,
                    None => None,
                };
                if came.is_none() {
                    std::future::pending::<()>().await;
                }
            }
            let [interrupt, terminate] = &mut self.streams;
            tokio::select! {
                () = one(interrupt) => {}
                () = one(terminate) => {}
            }
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
