//! Tells systemd that we are ready and alive, where it wants to know.

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::Board;

/// Says "ready" once, then "alive" as often as it is asked for, and "stopping" at the end. The
/// status line says how many groups are live.
#[cfg(target_os = "linux")]
pub(super) async fn keep(mut progress: watch::Receiver<Board>, stop: CancellationToken) {
    use sd_notify::NotifyState;

    // Without systemd these do nothing, and nobody is there to hear of a failure.
    let say = |state: &[NotifyState<'_>]| drop(sd_notify::notify(state));
    say(&[NotifyState::Ready]);
    let beat = sd_notify::watchdog_enabled().map(|limit| limit / 3);
    let mut said = String::new();
    loop {
        let status = status(&progress.borrow_and_update());
        if status != said {
            say(&[NotifyState::Status(&status)]);
            said = status;
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = async {
                match beat {
                    Some(beat) => tokio::time::sleep(beat).await,
                    None => std::future::pending().await,
                }
            } => say(&[NotifyState::Watchdog]),
            changed = settled(&mut progress) => if changed.is_err() {
                break;
            },
        }
    }
    say(&[NotifyState::Stopping]);
}

/// Progress changes with every message; a status line need not.
#[cfg(target_os = "linux")]
async fn settled(progress: &mut watch::Receiver<Board>) -> Result<(), watch::error::RecvError> {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    progress.changed().await
}

#[cfg(target_os = "linux")]
fn status(board: &Board) -> String {
    use crate::capture::CaptureState;
    let count = |state| {
        board
            .values()
            .filter(|progress| progress.state() == state)
            .count()
    };
    format!(
        "groups: {}, live: {}, catching up: {}, down: {}",
        board.len(),
        count(CaptureState::Live),
        count(CaptureState::CatchingUp),
        count(CaptureState::Down),
    )
}

/// There is no systemd here.
#[cfg(not(target_os = "linux"))]
pub(super) async fn keep(_progress: watch::Receiver<Board>, stop: CancellationToken) {
    stop.cancelled().await;
}
