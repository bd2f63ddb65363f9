//! `ChatMember` and what members may do.

use serde_json::{Value, json};

use super::{put, user};
use crate::emulator::world::{Standing, User};

/// What members may do, as `ChatPermissions` and `ChatMemberRestricted` name it.
const PERMISSIONS: [&str; 17] = [
    "can_send_messages",
    "can_send_media_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
];

/// What only administrators may do in this world.
const RESERVED: [&str; 4] = [
    "can_edit_tag",
    "can_change_info",
    "can_pin_messages",
    "can_manage_topics",
];

/// What administrators may do: everything, as this world knows no partial rights.
const RIGHTS: [&str; 11] = [
    "can_manage_chat",
    "can_change_info",
    "can_delete_messages",
    "can_invite_users",
    "can_restrict_members",
    "can_pin_messages",
    "can_manage_topics",
    "can_promote_members",
    "can_manage_video_chats",
    "can_manage_voice_chats",
    "can_send_welcome_messages",
];

/// What administrators may not do, because supergroups here have no such thing.
const NO_RIGHTS: [&str; 5] = [
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_manage_tags",
    "is_anonymous",
];

/// A group's `ChatPermissions`.
pub(in super::super) fn permissions() -> Value {
    let mut object = json!({});
    for name in PERMISSIONS {
        put(&mut object, name, json!(!RESERVED.contains(&name)));
    }
    object
}

/// A `ChatMember`.
pub(in super::super) fn member(person: &User, standing: Standing) -> Value {
    let mut object = json!({ "user": user(person), "status": status(standing) });
    match standing {
        Standing::Owner => put(&mut object, "is_anonymous", json!(false)),
        Standing::Administrator => {
            put(&mut object, "can_be_edited", json!(false));
            for name in RIGHTS {
                put(&mut object, name, json!(true));
            }
            for name in NO_RIGHTS {
                put(&mut object, name, json!(false));
            }
        }
        Standing::Restricted => {
            put(&mut object, "until_date", json!(0));
            for name in PERMISSIONS {
                put(&mut object, name, json!(false));
            }
            put(&mut object, "is_member", json!(true));
        }
        Standing::Banned => put(&mut object, "until_date", json!(0)),
        Standing::Member | Standing::Left => {}
    }
    object
}

const fn status(standing: Standing) -> &'static str {
    match standing {
        Standing::Owner => "creator",
        Standing::Administrator => "administrator",
        Standing::Member => "member",
        Standing::Restricted => "restricted",
        Standing::Left => "left",
        Standing::Banned => "kicked",
    }
}
