//! The words of a page, in every language that the product speaks.

use crate::i18n::Language;
use crate::model::{MediaKind, TopicStatus};
use crate::transcript::role::Role;

/// All words of a page. A language that lacks one does not compile.
pub(in crate::transcript) struct Labels {
    pub(in crate::transcript) spoken: Language,
    pub(in crate::transcript) transcript: &'static str,
    pub(in crate::transcript) customer: &'static str,
    pub(in crate::transcript) operator: &'static str,
    pub(in crate::transcript) assistant: &'static str,
    pub(in crate::transcript) note: &'static str,
    pub(in crate::transcript) command: &'static str,
    pub(in crate::transcript) service: &'static str,
    pub(in crate::transcript) topic: &'static str,
    pub(in crate::transcript) general: &'static str,
    pub(in crate::transcript) group: &'static str,
    pub(in crate::transcript) open: &'static str,
    pub(in crate::transcript) closed: &'static str,
    pub(in crate::transcript) deleted_topic: &'static str,
    pub(in crate::transcript) created: &'static str,
    pub(in crate::transcript) username: &'static str,
    pub(in crate::transcript) user_id: &'static str,
    pub(in crate::transcript) language: &'static str,
    pub(in crate::transcript) phone: &'static str,
    pub(in crate::transcript) unknown: &'static str,
    pub(in crate::transcript) forwarded_from: &'static str,
    pub(in crate::transcript) via: &'static str,
    pub(in crate::transcript) reply_elsewhere: &'static str,
    pub(in crate::transcript) reply_to: &'static str,
    pub(in crate::transcript) edited: &'static str,
    pub(in crate::transcript) is_pinned: &'static str,
    pub(in crate::transcript) voters: &'static str,
    pub(in crate::transcript) earlier_version: &'static str,
    pub(in crate::transcript) earlier_versions: &'static str,
    pub(in crate::transcript) first_version: &'static str,
    pub(in crate::transcript) deleted: &'static str,
    pub(in crate::transcript) not_included: &'static str,
    pub(in crate::transcript) unreadable: &'static str,
    pub(in crate::transcript) ids: &'static str,
    pub(in crate::transcript) none: &'static str,
    /// On the pages of a site.
    pub(in crate::transcript) all_topics: &'static str,
    pub(in crate::transcript) previous: &'static str,
    pub(in crate::transcript) next: &'static str,
    pub(in crate::transcript) search: &'static str,
    pub(in crate::transcript) search_in_part: &'static str,
    pub(in crate::transcript) messages: &'static str,
    pub(in crate::transcript) first: &'static str,
    pub(in crate::transcript) last: &'static str,
    /// What stands around a quoted title.
    quotes: [&'static str; 2],
    /// Monday first.
    pub(in crate::transcript) weekdays: [&'static str; 7],
    /// January first, as they stand in a date.
    pub(in crate::transcript) months: [&'static str; 12],
    media: Media,
    pub(in crate::transcript) action: Action,
}

/// Kinds of media.
struct Media {
    photo: &'static str,
    video: &'static str,
    video_note: &'static str,
    voice: &'static str,
    audio: &'static str,
    animation: &'static str,
    sticker: &'static str,
    document: &'static str,
    contact: &'static str,
    location: &'static str,
    venue: &'static str,
    poll: &'static str,
    dice: &'static str,
    story: &'static str,
    invoice: &'static str,
    game: &'static str,
    giveaway: &'static str,
    paid_media: &'static str,
    checklist: &'static str,
    web_page: &'static str,
    expiring: &'static str,
    unsupported: &'static str,
}

/// What service messages say, after the name of who did it.
pub(in crate::transcript) struct Action {
    pub(in crate::transcript) topic_created: &'static str,
    pub(in crate::transcript) topic_renamed: &'static str,
    pub(in crate::transcript) topic_closed: &'static str,
    pub(in crate::transcript) topic_reopened: &'static str,
    pub(in crate::transcript) topic_hidden: &'static str,
    pub(in crate::transcript) topic_shown: &'static str,
    pub(in crate::transcript) topic_edited: &'static str,
    pub(in crate::transcript) pinned: &'static str,
    pub(in crate::transcript) joined: &'static str,
    pub(in crate::transcript) left: &'static str,
    pub(in crate::transcript) group_title: &'static str,
}

impl Labels {
    /// The words in the language of a tag; English where it is not spoken.
    pub(in crate::transcript) fn of(tag: &str) -> &'static Self {
        match Language::from_tag(tag) {
            Language::English => &ENGLISH,
            Language::German => &GERMAN,
            Language::Russian => &RUSSIAN,
        }
    }

    pub(in crate::transcript) const fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Customer => self.customer,
            Role::Operator => self.operator,
            Role::Assistant => self.assistant,
            Role::Note => self.note,
            Role::Command => self.command,
            Role::Service => self.service,
        }
    }

    pub(in crate::transcript) const fn media(&self, kind: MediaKind) -> &'static str {
        match kind {
            MediaKind::Photo => self.media.photo,
            MediaKind::Video => self.media.video,
            MediaKind::VideoNote => self.media.video_note,
            MediaKind::Voice => self.media.voice,
            MediaKind::Audio => self.media.audio,
            MediaKind::Animation => self.media.animation,
            MediaKind::Sticker => self.media.sticker,
            MediaKind::Document => self.media.document,
            MediaKind::Contact => self.media.contact,
            MediaKind::Location => self.media.location,
            MediaKind::Venue => self.media.venue,
            MediaKind::Poll => self.media.poll,
            MediaKind::Dice => self.media.dice,
            MediaKind::Story => self.media.story,
            MediaKind::Invoice => self.media.invoice,
            MediaKind::Game => self.media.game,
            MediaKind::Giveaway => self.media.giveaway,
            MediaKind::PaidMedia => self.media.paid_media,
            MediaKind::Checklist => self.media.checklist,
            MediaKind::WebPage => self.media.web_page,
            MediaKind::Expiring => self.media.expiring,
            MediaKind::Unsupported => self.media.unsupported,
        }
    }

    pub(in crate::transcript) const fn status(&self, status: TopicStatus) -> &'static str {
        match status {
            TopicStatus::Open => self.open,
            TopicStatus::Closed => self.closed,
            TopicStatus::Deleted => self.deleted_topic,
        }
    }

    /// A title within a sentence.
    pub(in crate::transcript) fn quoted(&self, title: &str) -> String {
        let [open, close] = self.quotes;
        format!("{open}{title}{close}")
    }

    /// A moment on the clock: `2026-11-23 14:05:09`, `23.11.2026 14:05:09`.
    pub(in crate::transcript) fn moment(&self, at: jiff::civil::DateTime) -> String {
        let (hour, minute, second) = (at.hour(), at.minute(), at.second());
        let day = self.spoken.day(at.date());
        format!("{day} {hour:02}:{minute:02}:{second:02}")
    }

    /// A day spelt out: `Monday, 23 November 2026`.
    pub(in crate::transcript) fn day(&self, date: jiff::civil::Date) -> String {
        let at = |names: &[&'static str], index: i8| {
            usize::try_from(index)
                .ok()
                .and_then(|index| names.get(index).copied())
                .unwrap_or_default()
        };
        let weekday = at(&self.weekdays, date.weekday().to_monday_zero_offset());
        let month = at(&self.months, date.month() - 1);
        let dot = if self.spoken == Language::German {
            "."
        } else {
            ""
        };
        format!("{weekday}, {}{dot} {month} {}", date.day(), date.year())
    }
}

static ENGLISH: Labels = Labels {
    spoken: Language::English,
    quotes: ["“", "”"],
    transcript: "Transcript",
    customer: "Customer",
    operator: "Operator",
    assistant: "Assistant",
    note: "Internal note",
    command: "Command",
    service: "Service message",
    topic: "Topic",
    general: "General",
    group: "Group",
    open: "open",
    closed: "closed",
    deleted_topic: "deleted",
    created: "Created",
    username: "Username",
    user_id: "User id",
    language: "Language",
    phone: "Phone",
    unknown: "Unknown",
    forwarded_from: "Forwarded from",
    via: "via",
    reply_elsewhere: "Reply to a message in another chat",
    reply_to: "Reply to message",
    edited: "edited",
    is_pinned: "pinned",
    voters: "Voters",
    earlier_version: "Earlier version",
    earlier_versions: "Earlier versions",
    first_version: "as first sent",
    deleted: "Deleted",
    not_included: "not included",
    unreadable: "A message of a kind this version cannot read",
    ids: "Message ids",
    none: "No messages.",
    all_topics: "All topics",
    previous: "Previous page",
    next: "Next page",
    search: "Search",
    search_in_part: "The group is too large to search all words here; `topicvault search` does.",
    messages: "Messages",
    first: "First",
    last: "Last",
    weekdays: [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    media: Media {
        photo: "Photo",
        video: "Video",
        video_note: "Video message",
        voice: "Voice message",
        audio: "Audio",
        animation: "Animation",
        sticker: "Sticker",
        document: "File",
        contact: "Contact",
        location: "Location",
        venue: "Place",
        poll: "Poll",
        dice: "Dice",
        story: "Story",
        invoice: "Invoice",
        game: "Game",
        giveaway: "Giveaway",
        paid_media: "Paid media",
        checklist: "Checklist",
        web_page: "Link preview",
        expiring: "Self-destructing media, never kept",
        unsupported: "Unsupported media",
    },
    action: Action {
        topic_created: "created the topic",
        topic_renamed: "renamed the topic to",
        topic_closed: "closed the topic",
        topic_reopened: "reopened the topic",
        topic_hidden: "hid the topic",
        topic_shown: "showed the topic",
        topic_edited: "changed the topic",
        pinned: "pinned",
        joined: "added",
        left: "removed",
        group_title: "named the group",
    },
};

static GERMAN: Labels = Labels {
    spoken: Language::German,
    quotes: ["„", "“"],
    transcript: "Protokoll",
    customer: "Kunde",
    operator: "Mitarbeiter",
    assistant: "Assistent",
    note: "Interne Notiz",
    command: "Befehl",
    service: "Dienstnachricht",
    topic: "Thema",
    general: "Allgemein",
    group: "Gruppe",
    open: "offen",
    closed: "geschlossen",
    deleted_topic: "gelöscht",
    created: "Angelegt",
    username: "Benutzername",
    user_id: "Benutzer-ID",
    language: "Sprache",
    phone: "Telefon",
    unknown: "Unbekannt",
    forwarded_from: "Weitergeleitet von",
    via: "über",
    reply_elsewhere: "Antwort auf eine Nachricht in einem anderen Chat",
    reply_to: "Antwort auf Nachricht",
    edited: "bearbeitet",
    is_pinned: "angeheftet",
    voters: "Abgestimmt haben",
    earlier_version: "Frühere Fassung",
    earlier_versions: "Frühere Fassungen",
    first_version: "zuerst gesendet",
    deleted: "Gelöscht",
    not_included: "nicht enthalten",
    unreadable: "Eine Nachricht, deren Art diese Version nicht lesen kann",
    ids: "Nachrichten-IDs",
    none: "Keine Nachrichten.",
    all_topics: "Alle Themen",
    previous: "Vorige Seite",
    next: "Nächste Seite",
    search: "Suchen",
    search_in_part: "Die Gruppe ist zu groß, um hier alle Wörter zu finden; `topicvault search` kann es.",
    messages: "Nachrichten",
    first: "Erste",
    last: "Letzte",
    weekdays: [
        "Montag",
        "Dienstag",
        "Mittwoch",
        "Donnerstag",
        "Freitag",
        "Samstag",
        "Sonntag",
    ],
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    media: Media {
        photo: "Foto",
        video: "Video",
        video_note: "Videonachricht",
        voice: "Sprachnachricht",
        audio: "Audio",
        animation: "Animation",
        sticker: "Sticker",
        document: "Datei",
        contact: "Kontakt",
        location: "Standort",
        venue: "Ort",
        poll: "Umfrage",
        dice: "Würfel",
        story: "Story",
        invoice: "Rechnung",
        game: "Spiel",
        giveaway: "Verlosung",
        paid_media: "Kostenpflichtiger Inhalt",
        checklist: "Checkliste",
        web_page: "Linkvorschau",
        expiring: "Selbstlöschender Inhalt, nie aufbewahrt",
        unsupported: "Nicht unterstützter Inhalt",
    },
    action: Action {
        topic_created: "hat das Thema angelegt:",
        topic_renamed: "hat das Thema umbenannt in",
        topic_closed: "hat das Thema geschlossen",
        topic_reopened: "hat das Thema wieder geöffnet",
        topic_hidden: "hat das Thema verborgen",
        topic_shown: "hat das Thema eingeblendet",
        topic_edited: "hat das Thema geändert",
        pinned: "hat angeheftet:",
        joined: "hat hinzugefügt:",
        left: "hat entfernt:",
        group_title: "hat die Gruppe benannt:",
    },
};

static RUSSIAN: Labels = Labels {
    spoken: Language::Russian,
    quotes: ["«", "»"],
    transcript: "Переписка",
    customer: "Клиент",
    operator: "Оператор",
    assistant: "Ассистент",
    note: "Внутренняя заметка",
    command: "Команда",
    service: "Служебное сообщение",
    topic: "Тема",
    general: "Общая",
    group: "Группа",
    open: "открыта",
    closed: "закрыта",
    deleted_topic: "удалена",
    created: "Создана",
    username: "Имя пользователя",
    user_id: "ID пользователя",
    language: "Язык",
    phone: "Телефон",
    unknown: "Неизвестно",
    forwarded_from: "Переслано от",
    via: "через",
    reply_elsewhere: "Ответ на сообщение в другом чате",
    reply_to: "Ответ на сообщение",
    edited: "изменено",
    is_pinned: "закреплено",
    voters: "Проголосовали",
    earlier_version: "Прежняя версия",
    earlier_versions: "Прежние версии",
    first_version: "исходное сообщение",
    deleted: "Удалено",
    not_included: "не включено",
    unreadable: "Сообщение, вид которого эта версия не читает",
    ids: "ID сообщений",
    none: "Сообщений нет.",
    all_topics: "Все темы",
    previous: "Предыдущая страница",
    next: "Следующая страница",
    search: "Поиск",
    search_in_part: "Группа слишком велика, чтобы искать здесь по всем словам; это умеет `topicvault search`.",
    messages: "Сообщения",
    first: "Первое",
    last: "Последнее",
    weekdays: [
        "Понедельник",
        "Вторник",
        "Среда",
        "Четверг",
        "Пятница",
        "Суббота",
        "Воскресенье",
    ],
    months: [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    media: Media {
        photo: "Фото",
        video: "Видео",
        video_note: "Видеосообщение",
        voice: "Голосовое сообщение",
        audio: "Аудио",
        animation: "Анимация",
        sticker: "Стикер",
        document: "Файл",
        contact: "Контакт",
        location: "Геопозиция",
        venue: "Место",
        poll: "Опрос",
        dice: "Кубик",
        story: "История",
        invoice: "Счёт",
        game: "Игра",
        giveaway: "Розыгрыш",
        paid_media: "Платный контент",
        checklist: "Список дел",
        web_page: "Предпросмотр ссылки",
        expiring: "Самоуничтожающееся содержимое, не сохраняется",
        unsupported: "Неподдерживаемое содержимое",
    },
    action: Action {
        topic_created: "— создание темы:",
        topic_renamed: "— новое название темы:",
        topic_closed: "— тема закрыта",
        topic_reopened: "— тема снова открыта",
        topic_hidden: "— тема скрыта",
        topic_shown: "— тема показана",
        topic_edited: "— тема изменена",
        pinned: "— закреплено:",
        joined: "— новые участники:",
        left: "— группу покидает",
        group_title: "— название группы:",
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_as_people_write_them() {
        let day = jiff::civil::date(2026, 11, 23);
        assert_eq!(Labels::of("en").day(day), "Monday, 23 November 2026");
        assert_eq!(Labels::of("de-AT").day(day), "Montag, 23. November 2026");
        assert_eq!(Labels::of("ru").day(day), "Понедельник, 23 ноября 2026");
        assert_eq!(Labels::of("xx").spoken, Language::English);
    }
}
