//! Telegram's large types with everything left out, for tests. They stand here once, because
//! every new layer of the schema adds fields.

use grammers_client::tl;

/// The group of all test messages.
pub(in crate::capture) const GROUP: i64 = 2_101_424_779;

/// The group as a peer.
pub(in crate::capture) fn here() -> tl::enums::Peer {
    tl::types::PeerChannel { channel_id: GROUP }.into()
}

/// A user as a peer.
pub(in crate::capture) fn someone(user_id: i64) -> tl::enums::Peer {
    tl::types::PeerUser { user_id }.into()
}

/// A text message by user 7 in General.
pub(in crate::capture) fn text(id: i32, text: &str) -> tl::types::Message {
    tl::types::Message {
        out: false,
        mentioned: false,
        media_unread: false,
        silent: false,
        post: false,
        from_scheduled: false,
        legacy: false,
        edit_hide: false,
        pinned: false,
        noforwards: false,
        invert_media: false,
        offline: false,
        video_processing_pending: false,
        paid_suggested_post_stars: false,
        paid_suggested_post_ton: false,
        id,
        from_id: Some(someone(7)),
        from_boosts_applied: None,
        from_rank: None,
        peer_id: here(),
        saved_peer_id: None,
        fwd_from: None,
        via_bot_id: None,
        via_business_bot_id: None,
        guestchat_via_from: None,
        reply_to: None,
        date: 1_700_000_000,
        message: text.to_owned(),
        media: None,
        reply_markup: None,
        entities: None,
        views: None,
        forwards: None,
        replies: None,
        edit_date: None,
        post_author: None,
        grouped_id: None,
        reactions: None,
        restriction_reason: None,
        ttl_period: None,
        quick_reply_shortcut_id: None,
        effect: None,
        factcheck: None,
        report_delivery_until_date: None,
        paid_message_stars: None,
        suggested_post: None,
        schedule_repeat_period: None,
        summary_from_language: None,
        rich_message: None,
    }
}

/// A service message by user 7.
pub(in crate::capture) fn service(
    id: i32,
    action: impl Into<tl::enums::MessageAction>,
) -> tl::types::MessageService {
    tl::types::MessageService {
        out: false,
        mentioned: false,
        media_unread: false,
        reactions_are_possible: false,
        silent: false,
        post: false,
        legacy: false,
        id,
        from_id: Some(someone(7)),
        peer_id: here(),
        saved_peer_id: None,
        reply_to: None,
        date: 1_700_000_000,
        action: action.into(),
        reactions: None,
        ttl_period: None,
    }
}

/// A reply header that says nothing yet.
pub(in crate::capture) fn reply() -> tl::types::MessageReplyHeader {
    tl::types::MessageReplyHeader {
        reply_to_scheduled: false,
        forum_topic: false,
        quote: false,
        reply_to_ephemeral: false,
        reply_to_msg_id: None,
        reply_to_peer_id: None,
        reply_from: None,
        reply_media: None,
        reply_to_top_id: None,
        quote_text: None,
        quote_entities: None,
        quote_offset: None,
        todo_item_id: None,
        poll_option: None,
    }
}

/// A document with attributes.
pub(in crate::capture) fn document(
    mime_type: &str,
    attributes: Vec<tl::enums::DocumentAttribute>,
) -> tl::types::MessageMediaDocument {
    tl::types::MessageMediaDocument {
        nopremium: false,
        spoiler: false,
        video: false,
        round: false,
        voice: false,
        document: Some(
            tl::types::Document {
                id: 42,
                access_hash: 1,
                file_reference: vec![1],
                date: 0,
                mime_type: mime_type.to_owned(),
                size: 12_345,
                thumbs: None,
                video_thumbs: None,
                dc_id: 2,
                attributes,
            }
            .into(),
        ),
        alt_documents: None,
        video_cover: None,
        video_timestamp: None,
        ttl_seconds: None,
    }
}

/// A photo in three sizes.
pub(in crate::capture) fn photo() -> tl::types::MessageMediaPhoto {
    let size = |name: &str, w: i32, h: i32, size: i32| -> tl::enums::PhotoSize {
        tl::types::PhotoSize {
            r#type: name.to_owned(),
            w,
            h,
            size,
        }
        .into()
    };
    tl::types::MessageMediaPhoto {
        spoiler: false,
        live_photo: false,
        photo: Some(
            tl::types::Photo {
                has_stickers: false,
                id: 41,
                access_hash: 1,
                file_reference: vec![1],
                date: 0,
                sizes: vec![
                    size("s", 90, 60, 900),
                    size("y", 1280, 853, 90_000),
                    size("m", 320, 213, 9_000),
                ],
                video_sizes: None,
                dc_id: 2,
            }
            .into(),
        ),
        ttl_seconds: None,
        video: None,
    }
}

/// A user.
pub(in crate::capture) fn user(id: i64, first_name: &str) -> tl::types::User {
    tl::types::User {
        is_self: false,
        contact: false,
        mutual_contact: false,
        deleted: false,
        bot: false,
        bot_chat_history: false,
        bot_nochats: false,
        verified: false,
        restricted: false,
        min: false,
        bot_inline_geo: false,
        support: false,
        scam: false,
        apply_min_photo: false,
        fake: false,
        bot_attach_menu: false,
        premium: false,
        attach_menu_enabled: false,
        bot_can_edit: false,
        close_friend: false,
        stories_hidden: false,
        stories_unavailable: false,
        contact_require_premium: false,
        bot_business: false,
        bot_has_main_app: false,
        bot_forum_view: false,
        bot_forum_can_manage_topics: false,
        bot_can_manage_bots: false,
        bot_guestchat: false,
        bot_guard: false,
        id,
        access_hash: Some(1),
        first_name: Some(first_name.to_owned()),
        last_name: None,
        username: None,
        phone: None,
        photo: None,
        status: None,
        bot_info_version: None,
        restriction_reason: None,
        bot_inline_placeholder: None,
        lang_code: None,
        emoji_status: None,
        usernames: None,
        stories_max_id: None,
        color: None,
        profile_color: None,
        bot_active_users: None,
        bot_verification_icon: None,
        send_paid_messages_stars: None,
        linked_community_id: None,
    }
}
