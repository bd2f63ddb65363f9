//! The members' names. Telegram sends a name along with what its owner writes, and tells of a change
//! only those who have talked to them; of operators who are silent for a while it is asked for.

use grammers_client::tl;

use super::super::account::{input_channel, is_no_member, remember_peers};
use super::super::convert;
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use crate::model::Event;

/// Members in one answer, Telegram's limit.
const PAGE: i32 = 200;

/// Answers at most: a desk has fewer members; of larger groups the latest are enough.
const PAGES: i32 = 5;

/// Reads the members' names, of those who ever wrote.
pub(super) async fn read(context: &Context, target: &Target) -> Result<(), CaptureError> {
    let known = target.look(|reader| Ok(reader.people()?)).await?;
    for page in 0..PAGES {
        let question = tl::functions::channels::GetParticipants {
            channel: input_channel(&context.session, target.group)?.into(),
            filter: tl::enums::ChannelParticipantsFilter::ChannelParticipantsRecent,
            offset: page * PAGE,
            limit: PAGE,
            hash: 0,
        };
        let asked = target.ask_history().await;
        let answer = match context.telegram.read(&question).await {
            Ok(tl::enums::channels::ChannelParticipants::Participants(answer)) => answer,
            Ok(tl::enums::channels::ChannelParticipants::NotModified) => return Ok(()),
            Err(error) if is_no_member(&error) => return Err(error),
            // Groups may hide their members from those who do not administer them.
            Err(CaptureError::Telegram {
                code: 400 | 403, ..
            }) => return Ok(()),
            Err(error) => return Err(error),
        };
        remember_peers(&context.session, &answer.users, &answer.chats).await?;
        let news: Vec<Event> = convert::people(&answer.users, &answer.chats)
            .into_iter()
            .filter(|person| known.get(&person.id).is_some_and(|known| known != person))
            .map(Event::Person)
            .collect();
        if !news.is_empty() {
            target.write_history(&asked, news).await?;
        }
        let seen = answer.participants.len();
        if seen < usize::try_from(PAGE).unwrap_or(usize::MAX) {
            return Ok(());
        }
    }
    Ok(())
}
