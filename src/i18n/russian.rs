//! The catalogue in Russian.

use super::language::Language::Russian as RU;
use super::numbers::Noun;
use super::phrase::Phrase;

pub(super) fn say(phrase: &Phrase) -> String {
    match phrase {
        Phrase::DescribeExport => "прислать сообщения этой темы файлом".into(),
        Phrase::DescribeStatus => "показать, что сохранено и нет ли пропусков".into(),
        Phrase::DescribeHelp => "перечислить команды".into(),
        Phrase::HelpTitle => "Команды для операторов:".into(),
        Phrase::ExportUsage { command } => format!(
            "/{command} [html | json | jsonl] [last N | since ДАТА | all]\n\
             html: страница для чтения; json: как в экспорте Telegram Desktop; jsonl: всё, по сообщению в строке.\n\
             ДАТА: 2026-11-01, 01.11.2026, сегодня, вчера или 7d – последние семь дней.\n\
             Примеры: /{command} – /{command} json last 100 – /{command} since вчера"
        ),
        Phrase::DescribeSearch => "найти сообщения во всей группе".into(),
        Phrase::SearchUsage { command } => format!(
            "/{command} СЛОВА\n\
             Должны встретиться все слова, в любом порядке и в любой форме. \"в кавычках\": подряд; -слово: кроме этого.\n\
             from:anna, role:customer, topic:here, has:photo, after:2026-11-01, before:2026-12-01 сужают поиск.\n\
             Примеры: /{command} возврат – /{command} \"номер заказа\" topic:here – /{command} has:photo after:2026-11-01"
        ),
        Phrase::UnknownValue { word, known } => format!("«{word}» неизвестно; есть: {known}."),
        Phrase::SearchFound { messages } => format!("Найдено: {}", RU.count(*messages, Noun::Message)),
        Phrase::SearchBest { messages } => format!("Лучшие совпадения, {messages}:"),
        Phrase::SearchNothing => "Ничего не найдено.".into(),
        Phrase::SearchDeleted => "удалено".into(),
        Phrase::UnknownWord { word } => format!("«{word}» здесь ничего не значит."),
        Phrase::ValueMissing { word } => format!("После «{word}» чего-то не хватает."),
        Phrase::NotANumber { word } => {
            format!("«{word}» – не количество сообщений: нужно число от 1.")
        }
        Phrase::NotADate { word } => format!("«{word}» – не дата."),
        Phrase::Contradiction { word } => format!("«{word}» противоречит сказанному раньше."),
        Phrase::ExportProgress { messages } => {
            format!("Экспорт: {}…", RU.count(*messages, Noun::Message))
        }
        Phrase::ExportQueued => "Экспорт: ждёт начала…".into(),
        Phrase::ExportDone { messages } => {
            format!("Экспорт готов: {}.", RU.count(*messages, Noun::Message))
        }
        Phrase::ExportRunning => "Этот экспорт уже готовится; файл придёт.".into(),
        Phrase::ExportFailed => "Экспорт не удался. Причина – в журнале сервиса.".into(),
        Phrase::ExportInterrupted => {
            "Экспорт прерван: сервис останавливается. Повторите запрос чуть позже.".into()
        }
        Phrase::ExportEmpty => {
            "Экспортировать нечего: подходящих сохранённых сообщений нет.".into()
        }
        Phrase::ExportCaption { messages, topic } => match topic {
            Some(topic) => format!("{topic}: {}.", RU.count(*messages, Noun::Message)),
            None => format!("Выгружено: {}.", RU.count(*messages, Noun::Message)),
        },
        Phrase::CaptureBehind => "Сбор отстаёт: самых новых сообщений здесь может не быть.".into(),
        Phrase::UnknownIds { ids } => format!(
            "Группа сохранена не полностью: неизвестно {}.",
            RU.count(*ids, Noun::Id)
        ),
        Phrase::Compressed { size, limit } => format!(
            "Сжато zstd: {} больше предела в {}. Распаковать: zstd -d ФАЙЛ.",
            RU.size(*size),
            RU.size(*limit)
        ),
        Phrase::Part { part, parts } => format!("Часть {part} из {parts}."),
        Phrase::JoinParts { name } => {
            format!("Разделено из-за предела. Соединить: cat {name}.* > {name}; zstd -d {name}")
        }
        Phrase::StatusTitle => "Состояние архива".into(),
        Phrase::StatusCaptured { messages, topics } => format!(
            "Сохранено: {}, {}",
            RU.count(*messages, Noun::Message),
            RU.count(*topics, Noun::Topic)
        ),
        Phrase::StatusDeleted { messages } => format!(
            "Удалено в Telegram, но сохранено здесь: {}",
            RU.count(*messages, Noun::Message)
        ),
        Phrase::StatusUnknown { ids } => match ids {
            0 => "Полнота: без пропусков".into(),
            _ => format!("Полнота: неизвестно {}", RU.count(*ids, Noun::Id)),
        },
        Phrase::StatusLag { messages } => match messages {
            0 => "Отставание: нет".into(),
            _ => format!("Отставание: {}", RU.count(*messages, Noun::Message)),
        },
        Phrase::StatusLastCommit { ago, moment } => {
            format!("Последнее сохранение: {} назад ({moment})", RU.span(*ago))
        }
        Phrase::StatusCatchingUp => "Сбор догоняет историю".into(),
        Phrase::StatusConnecting => "Сбор подключается к Telegram".into(),
        Phrase::StatusDown { ago, moment } => {
            format!("Сбор не работает: уже {} (с {moment})", RU.span(*ago))
        }
        Phrase::StatusNoCapture => "Сбор не запущен".into(),
        Phrase::StatusFiles {
            stored,
            bytes,
            missing,
        } => format!(
            "Файлы: сохранено {} ({}), не хватает {}",
            RU.number(*stored),
            RU.size(*bytes),
            RU.number(*missing)
        ),
        Phrase::StatusSize { bytes } => format!("Размер на диске: {}", RU.size(*bytes)),
        Phrase::StatusFloodWait { seconds } => {
            format!("Telegram просит подождать: ещё {}", RU.span(*seconds))
        }
        Phrase::NothingCaptured => "Из этой группы пока ничего не сохранено.".into(),
        Phrase::CommandFailed { command } => {
            format!("Команда /{command} не удалась. Причина – в журнале сервиса.")
        }
        Phrase::AlertDown { moment } => format!("Внимание: с {moment} из этой группы ничего не сохраняется. Сохранённое в безопасности; пропущенное будет получено позже."),
        Phrase::AlertBack { seconds } => {
            format!("Группа снова сохраняется, перерыв: {}. Пропущенное догружается.", RU.span(*seconds))
        }
        Phrase::AlertDisk { free } => format!("Диск архива заполняется: осталось {}. Освободите место.", RU.size(*free)),
        Phrase::TroubleUnreachable => "Telegram недоступен. Проверьте сеть сервера; сбор продолжится сам.".into(),
        Phrase::TroubleWait => "Telegram просит наш аккаунт подождать; сбор продолжится сам.".into(),
        Phrase::TroubleNotLoggedIn => "Вход не выполнен. На сервере: topicvault login".into(),
        Phrase::TroubleRevoked => "Вход завершён в другом приложении или истёк. На сервере: topicvault login".into(),
        Phrase::TroubleDuplicated => "Вход использовался в двух местах сразу. Остановите вторую копию, затем на сервере: topicvault login".into(),
        Phrase::TroubleDeactivated => "Аккаунт Telegram удалён или заблокирован. Войдите с другим и добавьте его в группу.".into(),
        Phrase::TroubleMoved => "Telegram перенёс аккаунт в другой дата-центр. На сервере: topicvault login".into(),
        Phrase::TroubleSession => "Файл входа занят или непригоден. Подробности – в журнале сервиса.".into(),
        Phrase::TroubleNotMember => "Собирающего аккаунта нет в этой группе. Добавьте его; сбор продолжится сам.".into(),
        Phrase::TroubleNotForum => "В этой группе выключены темы. Включите их; сбор продолжится сам.".into(),
        Phrase::TroubleDiskFull => "Диск заполнен. Освободите место; сбор продолжится сам.".into(),
        Phrase::TroubleArchive => "Архив недоступен для записи. Подробности – в журнале сервиса.".into(),
        Phrase::TroubleSettings => "Telegram не принимает api_id и api_hash. Исправьте конфигурацию.".into(),
        Phrase::TroubleOther => "Причина – в журнале сервиса.".into(),
    }
}
