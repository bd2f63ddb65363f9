//! Updates, people, and whatever may come.

use proptest::prelude::*;

use super::*;

#[test]
fn updates_become_changes_of_their_group() {
    let group = GroupId::from_bare(GROUP).unwrap();
    let new = tl::types::UpdateNewChannelMessage {
        message: text(10, "hello").into(),
        pts: 1,
        pts_count: 1,
    };
    assert!(matches!(
        change(&new.into()),
        Change::Message(found, message, _) if found == group && message.text == "hello"
    ));
    let deleted = tl::types::UpdateDeleteChannelMessages {
        channel_id: GROUP,
        messages: vec![4, 5],
        pts: 1,
        pts_count: 2,
    };
    assert_eq!(
        change(&deleted.into()),
        Change::Gone(group, vec![MessageId(4), MessageId(5)])
    );
    let pinned = tl::types::UpdatePinnedForumTopics {
        peer: here(),
        order: None,
    };
    assert_eq!(change(&pinned.into()), Change::Nothing);
    let nobody_knows = tl::types::UpdateNewChannelMessage {
        message: tl::types::MessageEmpty {
            id: 3,
            peer_id: None,
        }
        .into(),
        pts: 1,
        pts_count: 1,
    };
    assert_eq!(change(&nobody_knows.into()), Change::Nothing);
}

#[test]
fn people_are_named_as_telegram_shows_them() {
    let mut anna = user(3, " Anna ");
    anna.last_name = Some("Schmidt".to_owned());
    anna.username = Some("anna".to_owned());
    let mut gone = user(4, "Ghost");
    gone.deleted = true;
    let mut bot = user(5, "Relay");
    bot.bot = true;
    bot.usernames = Some(vec![
        tl::types::Username {
            editable: false,
            active: false,
            deletable: false,
            expired: false,
            username: "old".to_owned(),
        }
        .into(),
        tl::types::Username {
            editable: true,
            active: true,
            deletable: false,
            expired: false,
            username: "relay_bot".to_owned(),
        }
        .into(),
    ]);
    let group = tl::types::ChannelForbidden {
        broadcast: false,
        megagroup: true,
        monoforum: false,
        id: GROUP,
        access_hash: 1,
        title: "Desk".to_owned(),
        until_date: None,
    };
    let found = people(
        &[anna.into(), gone.into(), bot.into()],
        &[group.into(), tl::types::ChatEmpty { id: 1 }.into()],
    );
    let seen: Vec<_> = found
        .iter()
        .map(|person| {
            (
                person.id,
                person.kind,
                person.name.as_str(),
                person.username.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (PersonId(3), PersonKind::User, "Anna Schmidt", Some("anna")),
            (PersonId(4), PersonKind::User, "", None),
            (PersonId(5), PersonKind::Bot, "Relay", Some("relay_bot")),
            (
                PersonId(-1_000_000_000_000 - GROUP),
                PersonKind::Channel,
                "Desk",
                None
            ),
        ]
    );
}

proptest! {
    /// Whatever numbers Telegram sends, a message comes out and keeps its id.
    #[test]
    fn conversion_is_total(
        id: i32, date: i32, offset: i32, length: i32, words in ".*",
        top: Option<i32>, answered: Option<i32>, forum: bool, size: i64, duration: f64, w: i32,
    ) {
        let mut raw = text(id, &words);
        raw.date = date;
        raw.entities = Some(vec![tl::types::MessageEntityBold { offset, length }.into()]);
        raw.reply_to = Some(tl::types::MessageReplyHeader {
            forum_topic: forum,
            reply_to_msg_id: answered,
            reply_to_top_id: top,
            ..reply()
        }.into());
        let mut media = document("x/y", vec![tl::types::DocumentAttributeVideo {
            round_message: false, supports_streaming: false, nosound: false, duration,
            w, h: w, preload_prefix_size: None, video_start_ts: None, video_codec: None,
        }.into()]);
        if let Some(tl::enums::Document::Document(document)) = &mut media.document {
            document.size = size;
        }
        raw.media = Some(media.into());
        let message = read(raw);
        prop_assert_eq!(message.id, MessageId(id));
        prop_assert_eq!(message.text, words);
    }
}
