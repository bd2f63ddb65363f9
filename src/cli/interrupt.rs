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
            std::thread::spawn(move || {
                runtime.block_on(twice(|| set.0.store(true, Ordering::Relaxed)));
            });
        }
        interrupt
    }

    /// Whether it has come.
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Does what the first Ctrl-C asks for; a second one ends the process at once: whoever presses it
/// again does not want to wait for the clean-up.
pub(super) async fn twice(first: impl FnOnce()) {
    signal().await;
    first();
    signal().await;
    #[expect(clippy::disallowed_methods, reason = "asked for twice")]
    std::process::exit(i32::from(super::exit::INTERRUPTED));
}

/// Waits for Ctrl-C or SIGTERM.
pub(super) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // An error means that no signal can ever come; the default action stays in force.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
