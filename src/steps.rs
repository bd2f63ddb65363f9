//! Named durable steps: the places where a crash is interesting.
//!
//! Whoever makes something durable says so before and after. With `TOPICVAULT_KILL_AT=<name>` in
//! the environment the process kills itself there (as SIGKILL would: no destructor, no flush), so
//! that tests can prove that nothing is lost at any of them. `name#3` means the third passage.
//! Builds without the `emulator` feature compile this to nothing.

/// Every step there is, in the order of the flow. Tests kill at each.
pub const ALL: &[&str] = &[
    "session.before_encrypt",
    "session.encrypted",
    "session.cleaned",
    "session.before_save",
    "session.after_save",
    "capture.received",
    "capture.reconciled",
    "archive.before_commit",
    "archive.after_commit",
    "seal.before_frames",
    "seal.before_commit",
    "seal.after_commit",
    "load.before_frames",
    "load.before_commit",
    "load.after_commit",
    "compact.before_frames",
    "compact.after_frames",
    "compact.before_commit",
    "compact.after_commit",
    "facts.before_pages",
    "facts.before_commit",
    "facts.after_commit",
    "media.before_sum",
    "media.after_piece",
    "media.before_rename",
    "media.after_rename",
    "media.after_row",
    "question.doing",
    "question.acted",
    "outbox.before_post",
    "outbox.after_post",
];

/// Passes a durable step; `name` must be one of [`ALL`].
pub fn passed(name: &'static str) {
    #[cfg(feature = "emulator")]
    kill::at(name);
    #[cfg(not(feature = "emulator"))]
    let _ = name;
}

#[cfg(feature = "emulator")]
mod kill {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static WANTED: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static PASSAGES: AtomicU32 = AtomicU32::new(0);

    pub(super) fn at(name: &'static str) {
        debug_assert!(super::ALL.contains(&name), "unlisted durable step {name}");
        let wanted = WANTED.get_or_init(|| {
            let text = std::env::var("TOPICVAULT_KILL_AT").ok()?;
            let (step, passage) = text.split_once('#').unwrap_or((&text, "1"));
            Some((step.to_owned(), passage.parse().unwrap_or(1)))
        });
        if let Some((step, passage)) = wanted
            && step == name
            && PASSAGES.fetch_add(1, Ordering::SeqCst) + 1 == *passage
        {
            // `abort` raises SIGABRT without unwinding or flushing: to the files it is SIGKILL.
            std::process::abort();
        }
    }
}
