//! What was announced while we were away, asked for by ourselves.
//!
//! grammers asks for the same difference, but of its last part it keeps the new messages only: the
//! new counter is taken over first, and then edits and deletions are dropped as old. History shows
//! the last version; one that was announced in a difference and replaced before history was read
//! would be lost. So each connection, and each reconnection, begins with a difference of ours.

use grammers_client::tl;
use tokio::sync::mpsc;

use super::account::input_channel;
use super::error::CaptureError;
use super::heal::Why;
use super::news::{News, Way};
use super::target::{Context, Target};

/// Updates in an answer, what Telegram allows.
const PAGE: i32 = 100;

/// Answers to ask for at most; beyond them reconciliation is quicker.
const PAGES: usize = 100;

/// Commits what a group's difference holds since the last update of which none before is missing;
/// `false`: there was more than Telegram tells.
pub(super) async fn fetch(
    context: &Context,
    target: &Target,
    heal: &mpsc::UnboundedSender<Why>,
) -> Result<bool, CaptureError> {
    let Some(mut pts) = target.followed(&context.session).await? else {
        return Ok(true); // never connected: history has it all
    };
    let channel = input_channel(&context.session, target.group)?;
    for _ in 0..PAGES {
        use tl::enums::updates::ChannelDifference as Answer;
        let question = tl::functions::updates::GetChannelDifference {
            force: false,
            channel: channel.clone().into(),
            filter: tl::enums::ChannelMessagesFilter::Empty,
            pts,
            limit: PAGE,
        };
        let part = match context.telegram.read(&question).await {
            Ok(Answer::Difference(part)) => part,
            Ok(Answer::Empty(_)) => return Ok(true),
            Ok(Answer::TooLong(answer)) => {
                // Begin anew from here; what lies between is reconciled.
                let tl::enums::Dialog::Dialog(dialog) = answer.dialog else {
                    break;
                };
                if let Some(pts) = dialog.pts {
                    target.follow_to(pts).await?;
                }
                break;
            }
            // Such as a counter that Telegram does not take: history helps.
            Err(CaptureError::Telegram { name, .. }) if name.starts_with("PERSISTENT") => break,
            Err(error) => return Err(error),
        };
        let messages = part.new_messages.into_iter().map(|message| {
            tl::types::UpdateNewChannelMessage {
                message,
                pts: 0,
                pts_count: 0,
            }
            .into()
        });
        let news = News {
            received: Vec::new(),
            updates: messages.chain(part.other_updates).collect(),
            users: part.users,
            chats: part.chats,
        };
        news.commit(context, heal, Way::AsItComes).await?;
        target.follow_to(part.pts).await?;
        if part.r#final || part.pts <= pts {
            return Ok(true);
        }
        pts = part.pts;
    }
    Ok(false)
}
