//! Formatting, from the world to TL and back.

use grammers_tl_types::{enums, types};

use crate::emulator::world::Entity;

/// Formatting, by the name that the world gives it.
pub(super) fn entity(entity: &Entity) -> enums::MessageEntity {
    let (offset, length) = (entity.offset, entity.length);
    match entity.kind.as_str() {
        "bold" => types::MessageEntityBold { offset, length }.into(),
        "italic" => types::MessageEntityItalic { offset, length }.into(),
        "underline" => types::MessageEntityUnderline { offset, length }.into(),
        "strikethrough" => types::MessageEntityStrike { offset, length }.into(),
        "spoiler" => types::MessageEntitySpoiler { offset, length }.into(),
        "code" => types::MessageEntityCode { offset, length }.into(),
        "pre" => types::MessageEntityPre {
            offset,
            length,
            language: entity.language.clone().unwrap_or_default(),
        }
        .into(),
        "blockquote" => types::MessageEntityBlockquote {
            collapsed: entity.collapsed,
            offset,
            length,
        }
        .into(),
        "link" => types::MessageEntityUrl { offset, length }.into(),
        "text_link" => types::MessageEntityTextUrl {
            offset,
            length,
            url: entity.href.clone().unwrap_or_default(),
        }
        .into(),
        "mention" => types::MessageEntityMention { offset, length }.into(),
        "mention_name" => types::MessageEntityMentionName {
            offset,
            length,
            user_id: entity.user_id.unwrap_or_default(),
        }
        .into(),
        "hashtag" => types::MessageEntityHashtag { offset, length }.into(),
        "cashtag" => types::MessageEntityCashtag { offset, length }.into(),
        "bot_command" => types::MessageEntityBotCommand { offset, length }.into(),
        "email" => types::MessageEntityEmail { offset, length }.into(),
        "phone" => types::MessageEntityPhone { offset, length }.into(),
        "bank_card" => types::MessageEntityBankCard { offset, length }.into(),
        _ => types::MessageEntityUnknown { offset, length }.into(),
    }
}

/// Formatting that a client sent; kinds that the world has no name for are dropped. Whether it fits
/// its text, the world judges.
pub(super) fn entities_of(given: Vec<enums::MessageEntity>) -> Vec<Entity> {
    let make = |kind: &str, offset, length| Entity {
        kind: kind.to_owned(),
        offset,
        length,
        ..Entity::default()
    };
    given
        .into_iter()
        .filter_map(|entity| {
            use enums::MessageEntity as E;
            Some(match entity {
                E::Bold(e) => make("bold", e.offset, e.length),
                E::Italic(e) => make("italic", e.offset, e.length),
                E::Underline(e) => make("underline", e.offset, e.length),
                E::Strike(e) => make("strikethrough", e.offset, e.length),
                E::Spoiler(e) => make("spoiler", e.offset, e.length),
                E::Code(e) => make("code", e.offset, e.length),
                E::Blockquote(e) => Entity {
                    collapsed: e.collapsed,
                    ..make("blockquote", e.offset, e.length)
                },
                E::Pre(e) => Entity {
                    language: Some(e.language).filter(|language| !language.is_empty()),
                    ..make("pre", e.offset, e.length)
                },
                E::TextUrl(e) => Entity {
                    href: Some(e.url),
                    ..make("text_link", e.offset, e.length)
                },
                E::MentionName(e) => Entity {
                    user_id: Some(e.user_id),
                    ..make("mention_name", e.offset, e.length)
                },
                E::InputMessageEntityMentionName(e) => Entity {
                    user_id: match e.user_id {
                        enums::InputUser::User(user) => Some(user.user_id),
                        _ => return None,
                    },
                    ..make("mention_name", e.offset, e.length)
                },
                _ => return None,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send_comes_back() {
        let kinds = [
            "bold",
            "italic",
            "underline",
            "strikethrough",
            "spoiler",
            "code",
            "pre",
            "blockquote",
            "text_link",
            "mention_name",
        ];
        let given: Vec<Entity> = kinds
            .iter()
            .map(|kind| Entity {
                kind: (*kind).to_owned(),
                offset: 1,
                length: 3,
                href: (*kind == "text_link").then(|| "https://example.org/".to_owned()),
                language: (*kind == "pre").then(|| "rust".to_owned()),
                user_id: (*kind == "mention_name").then_some(7),
                collapsed: *kind == "blockquote",
            })
            .collect();
        let sent = given.iter().map(entity).collect();
        assert_eq!(entities_of(sent), given);
    }
}
