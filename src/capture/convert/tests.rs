#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod updates;

use grammers_client::tl;
use insta::assert_json_snapshot;

use super::literals::{GROUP, document, here, photo, reply, service, someone, text, user};
use super::{Change, Found, change, message, named, people};
use crate::model::{GroupId, MediaKind, Message, MessageId, PersonId, PersonKind, TopicId};

fn read(raw: impl Into<tl::enums::Message>) -> Message {
    match message(&raw.into()) {
        Found::Message(message) => *message,
        Found::Nothing(id) => panic!("nothing at {id}"),
    }
}

fn with_media(media: impl Into<tl::enums::MessageMedia>) -> Message {
    let mut raw = text(10, "caption");
    raw.media = Some(media.into());
    read(raw)
}

fn audio(voice: bool) -> tl::enums::DocumentAttribute {
    tl::types::DocumentAttributeAudio {
        voice,
        duration: 31,
        title: (!voice).then(|| "Waltz".to_owned()),
        performer: (!voice).then(|| "Strauss".to_owned()),
        waveform: None,
    }
    .into()
}

fn video(round_message: bool) -> tl::enums::DocumentAttribute {
    tl::types::DocumentAttributeVideo {
        round_message,
        supports_streaming: true,
        nosound: false,
        duration: 7.6,
        w: 640,
        h: 480,
        preload_prefix_size: None,
        video_start_ts: None,
        video_codec: None,
    }
    .into()
}

fn file_name(name: &str) -> tl::enums::DocumentAttribute {
    tl::types::DocumentAttributeFilename {
        file_name: name.to_owned(),
    }
    .into()
}

fn with_text(text: &str) -> tl::enums::TextWithEntities {
    tl::types::TextWithEntities {
        text: text.to_owned(),
        entities: Vec::new(),
    }
    .into()
}

#[test]
fn a_message_with_all_that_surrounds_its_text() {
    let mut raw = text(10, "see @anna and more");
    raw.entities = Some(vec![
        tl::types::MessageEntityTextUrl {
            offset: 14,
            length: 4,
            url: "https://example.org".to_owned(),
        }
        .into(),
        tl::types::MessageEntityMentionName {
            offset: 4,
            length: 5,
            user_id: 9,
        }
        .into(),
        tl::types::MessageEntityTonAddress {
            offset: 0,
            length: 3,
        }
        .into(),
        tl::types::MessageEntityBold {
            offset: -1,
            length: 3,
        }
        .into(),
    ]);
    raw.reply_to = Some(
        tl::types::MessageReplyHeader {
            forum_topic: true,
            reply_to_msg_id: Some(8),
            reply_to_top_id: Some(5),
            quote_text: Some("quoted".to_owned()),
            quote: true,
            ..reply()
        }
        .into(),
    );
    raw.fwd_from = Some(
        tl::types::MessageFwdHeader {
            imported: false,
            saved_out: false,
            from_id: Some(someone(11)),
            from_name: None,
            date: 1_600_000_000,
            channel_post: None,
            post_author: None,
            saved_from_peer: None,
            saved_from_msg_id: None,
            saved_from_id: None,
            saved_from_name: None,
            saved_date: None,
            psa_type: None,
        }
        .into(),
    );
    raw.via_bot_id = Some(12);
    raw.grouped_id = Some(-77);
    raw.edit_date = Some(1_700_000_100);
    raw.reply_markup = Some(
        tl::types::ReplyInlineMarkup {
            force_reply: false,
            rows: vec![
                tl::types::KeyboardInlineButtonRow {
                    buttons: vec![
                        tl::types::KeyboardInlineButton {
                            style: None,
                            text: "Open".to_owned(),
                            r#type: tl::types::InlineButtonTypeUrl {
                                url: "https://example.org/1".to_owned(),
                            }
                            .into(),
                        }
                        .into(),
                        tl::types::KeyboardInlineButton {
                            style: None,
                            text: "Press".to_owned(),
                            r#type: tl::types::InlineButtonTypeCallback {
                                requires_password: false,
                                data: vec![1],
                            }
                            .into(),
                        }
                        .into(),
                    ],
                }
                .into(),
            ],
        }
        .into(),
    );
    let message = read(raw);
    assert_json_snapshot!(message);
    let mut named: Vec<i64> = named(&message).map(|person| person.0).collect();
    named.sort_unstable();
    assert_eq!(named, [7, 9, 11, 12]);
}

#[test]
fn every_kind_of_media_is_described() {
    let geo: tl::enums::GeoPoint = tl::types::GeoPoint {
        long: 13.404_954,
        lat: 52.520_008,
        access_hash: 0,
        accuracy_radius: None,
    }
    .into();
    let poll = tl::types::MessageMediaPoll {
        poll: tl::types::Poll {
            id: 1,
            closed: false,
            public_voters: false,
            multiple_choice: false,
            quiz: false,
            open_answers: false,
            revoting_disabled: false,
            shuffle_answers: false,
            hide_results_until_close: false,
            creator: false,
            subscribers_only: false,
            question: with_text("Did it help?"),
            answers: vec![
                tl::types::PollAnswer {
                    text: with_text("Yes"),
                    option: vec![0],
                    media: None,
                    added_by: None,
                    date: None,
                }
                .into(),
                tl::types::PollAnswer {
                    text: with_text("No"),
                    option: vec![1],
                    media: None,
                    added_by: None,
                    date: None,
                }
                .into(),
            ],
            close_period: None,
            close_date: None,
            countries_iso2: None,
            hash: 0,
        }
        .into(),
        results: tl::types::PollResults {
            min: true,
            has_unread_votes: false,
            can_view_stats: false,
            results: None,
            total_voters: None,
            recent_voters: None,
            solution: None,
            solution_entities: None,
            solution_media: None,
        }
        .into(),
        attached_media: None,
    };
    let sticker: tl::enums::DocumentAttribute = tl::types::DocumentAttributeSticker {
        mask: false,
        alt: "👍".to_owned(),
        stickerset: tl::enums::InputStickerSet::Empty,
        mask_coords: None,
    }
    .into();
    let described: Vec<_> = [
        with_media(photo()),
        with_media(document("application/pdf", vec![file_name("../bill.pdf")])),
        with_media(document("video/mp4", vec![video(false)])),
        with_media(document("video/mp4", vec![video(true)])),
        with_media(document(
            "video/mp4",
            vec![video(false), tl::enums::DocumentAttribute::Animated],
        )),
        with_media(document("audio/ogg", vec![audio(true)])),
        with_media(document("audio/mpeg", vec![audio(false)])),
        with_media(document("video/webm", vec![sticker, video(false)])),
        with_media(tl::types::MessageMediaContact {
            phone_number: "+4930123456".to_owned(),
            first_name: "Anna".to_owned(),
            last_name: String::new(),
            vcard: String::new(),
            user_id: 0,
        }),
        with_media(tl::types::MessageMediaGeo { geo: geo.clone() }),
        with_media(tl::types::MessageMediaVenue {
            geo,
            title: "Station".to_owned(),
            address: "Main street 1".to_owned(),
            provider: String::new(),
            venue_id: String::new(),
            venue_type: String::new(),
        }),
        with_media(poll),
        with_media(tl::types::MessageMediaDice {
            value: 4,
            emoticon: "🎲".to_owned(),
            game_outcome: None,
        }),
        with_media(tl::enums::MessageMedia::Unsupported),
        with_media(tl::types::MessageMediaPaidMedia {
            stars_amount: 1,
            extended_media: Vec::new(),
        }),
    ]
    .into_iter()
    .map(|message| (message.kind(), message.media))
    .collect();
    assert_json_snapshot!(described);
}

#[test]
fn of_self_destructing_content_only_its_existence_is_kept() {
    let mut once = photo();
    once.ttl_seconds = Some(i32::MAX);
    let mut voice = document("audio/ogg", vec![audio(true), file_name("secret.ogg")]);
    voice.ttl_seconds = Some(5);
    for media in [
        tl::enums::MessageMedia::from(once),
        tl::enums::MessageMedia::from(voice),
    ] {
        let message = with_media(media);
        assert_eq!(message.text, "");
        let media = message.media.unwrap();
        assert_eq!(
            media,
            crate::model::Media::of(MediaKind::Expiring),
            "nothing but the kind"
        );
    }
}

#[test]
fn a_link_preview_makes_no_new_version() {
    let bare = read(text(10, "https://example.org"));
    let mut later = text(10, "https://example.org");
    later.media = Some(
        tl::types::MessageMediaWebPage {
            force_large_media: false,
            force_small_media: false,
            manual: false,
            safe: false,
            webpage: tl::types::WebPageEmpty { id: 1, url: None }.into(),
        }
        .into(),
    );
    later.edit_date = Some(1_700_000_002);
    later.edit_hide = true;
    assert_eq!(read(later), bare);
}

#[test]
fn an_edit_counts_only_where_readers_see_one() {
    let mut edited = text(10, "text");
    edited.edit_date = Some(1_700_000_009);
    assert_eq!(read(edited.clone()).edit_date, Some(1_700_000_009));
    edited.edit_hide = true;
    assert_eq!(read(edited).edit_date, None);
}

#[test]
fn the_topic_follows_from_the_reply_header() {
    let other: tl::enums::Peer = tl::types::PeerChannel { channel_id: 5 }.into();
    let header =
        |forum_topic, message, top, peer: Option<&tl::enums::Peer>, quote: Option<&str>| {
            tl::types::MessageReplyHeader {
                forum_topic,
                reply_to_msg_id: message,
                reply_to_top_id: top,
                reply_to_peer_id: peer.cloned(),
                quote_text: quote.map(str::to_owned),
                ..reply()
            }
        };
    let own = here();
    // header, topic, answered message, in another chat
    let cases = [
        (
            header(true, Some(8), Some(5), None, None),
            5,
            Some(8),
            false,
        ),
        (header(true, Some(5), None, None, None), 5, None, false),
        (
            header(true, Some(5), None, None, Some("q")),
            5,
            Some(5),
            false,
        ),
        (header(false, Some(8), None, None, None), 1, Some(8), false),
        (
            header(false, Some(8), Some(3), None, None),
            1,
            Some(8),
            false,
        ),
        (
            header(true, Some(8), Some(5), Some(&other), None),
            5,
            Some(8),
            true,
        ),
        (
            header(true, Some(8), None, Some(&other), None),
            1,
            Some(8),
            true,
        ),
        (
            header(true, Some(8), Some(5), Some(&own), None),
            5,
            Some(8),
            false,
        ),
        (header(true, None, None, None, None), 1, None, false),
    ];
    for (header, topic, answered, external) in cases {
        let mut raw = text(10, "text");
        raw.reply_to = Some(header.clone().into());
        let message = read(raw);
        assert_eq!(message.topic, TopicId(topic), "{header:?}");
        let reply = message.reply_to;
        assert_eq!(reply.as_ref().map(|reply| reply.id.0), answered);
        assert_eq!(reply.is_some_and(|reply| reply.external), external);
    }
    assert_eq!(read(text(10, "text")).topic, TopicId::GENERAL);
    let mut story = text(10, "text");
    story.reply_to = Some(
        tl::types::MessageReplyStoryHeader {
            peer: someone(7),
            story_id: 3,
        }
        .into(),
    );
    assert_eq!(read(story).topic, TopicId::GENERAL);
}

#[test]
fn telegrams_own_messages_are_read() {
    let in_topic = |mut raw: tl::types::MessageService, message: i32, top: Option<i32>| {
        raw.reply_to = Some(
            tl::types::MessageReplyHeader {
                forum_topic: true,
                reply_to_msg_id: Some(message),
                reply_to_top_id: top,
                ..reply()
            }
            .into(),
        );
        raw
    };
    let read_all: Vec<_> = [
        service(
            10,
            tl::types::MessageActionTopicCreate {
                title_missing: false,
                title: "Anna".to_owned(),
                icon_color: 0,
                icon_emoji_id: None,
            },
        ),
        in_topic(
            service(
                11,
                tl::types::MessageActionTopicEdit {
                    title: None,
                    icon_emoji_id: None,
                    closed: Some(true),
                    hidden: None,
                },
            ),
            10,
            None,
        ),
        in_topic(
            service(12, tl::enums::MessageAction::PinMessage),
            8,
            Some(10),
        ),
        service(
            13,
            tl::types::MessageActionChatAddUser { users: vec![3, 4] },
        ),
        service(
            14,
            tl::types::MessageActionChatJoinedByLink { inviter_id: 3 },
        ),
        service(15, tl::types::MessageActionChatDeleteUser { user_id: 3 }),
        service(
            16,
            tl::types::MessageActionChatEditTitle {
                title: "Desk".to_owned(),
            },
        ),
        service(
            17,
            tl::types::MessageActionSetMessagesTtl {
                period: 60,
                auto_setting_from: None,
            },
        ),
    ]
    .map(|raw| {
        let message = read(raw);
        (message.id, message.topic, message.service)
    })
    .into_iter()
    .collect();
    assert_json_snapshot!(read_all);
}

#[test]
fn what_cannot_be_read_is_named() {
    let mut raw = text(10, "");
    raw.rich_message = Some(
        tl::types::RichMessage {
            rtl: false,
            part: false,
            blocks: Vec::new(),
            photos: Vec::new(),
            documents: Vec::new(),
        }
        .into(),
    );
    let message = read(raw);
    assert_eq!(message.unsupported.as_deref(), Some("richMessage"));
    assert_eq!(message.kind(), "unsupported");
}
