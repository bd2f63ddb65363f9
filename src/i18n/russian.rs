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
            "/{command} [формат] [last N | since ДАТА | until ДАТА | all] [redacted]\n\
             html: страница для чтения; json: как в экспорте Telegram Desktop; jsonl: всё, по сообщению в строке; \
             markdown; csv; parquet; для обучения: openai, sharegpt, trl, dataset.\n\
             redacted: без персональных данных.\n\
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
        Phrase::ExportNoConsent => "Данные для обучения не созданы: клиенты этой группы не дали согласия \
             (training_consent в конфигурации)."
            .into(),
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
        Phrase::RolesUnsure { messages } => format!(
            "Не ясно, от кого {}; topicvault doctor подскажет, что сделать.",
            RU.count(*messages, Noun::Message)
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
        Phrase::DescribeInfo => "показать, кто клиент и что о нём знают другие системы".into(),
        Phrase::DescribeHistory => "показать, что было сделано для этого клиента".into(),
        Phrase::DescribeWaiting => "показать клиентов без ответа, сначала самых давних".into(),
        Phrase::DescribeLink => "привязать клиента к счёту".into(),
        Phrase::DescribeUnlink => "отвязать клиента от счёта".into(),
        Phrase::DescribeLinks => "показать, кто привязан к счёту и кто был".into(),
        Phrase::CustomerUnknown => "Кто клиент этой темы, неизвестно.".into(),
        Phrase::CustomerLacks { value } => format!("Для этого нужно {value}, а о клиенте это неизвестно."),
        Phrase::CrmUnknown => "CRM не знает эту тему.".into(),
        Phrase::CrmSilent => "CRM сейчас не отвечает.".into(),
        Phrase::CrmDenied => "CRM не принимает наши ключи: проверьте настройки.".into(),
        Phrase::CrmFailed => "CRM не дала пригодного ответа.".into(),
        Phrase::InfoChat => "групповой чат".into(),
        Phrase::InfoWaitsForUs => "Ждёт нашего ответа.".into(),
        Phrase::InfoWaitsForCustomer => "Ждём клиента.".into(),
        Phrase::InfoClosed => "Закрыто.".into(),
        Phrase::InfoAccounts => "Счета:".into(),
        Phrase::InfoFirstContact { moment } => format!("Первое обращение: {moment}"),
        Phrase::InfoMessages { messages, from_customer } => format!("Сообщений: {}, из них от клиента {}", RU.number(*messages), RU.number(*from_customer)),
        Phrase::InfoLastAnswer { moment } => format!("Последний ответ: {moment}"),
        Phrase::InfoWaitingSince { moment } => format!("Ждёт с: {moment}"),
        Phrase::InfoMissing => "Чего не хватает".into(),
        Phrase::ActUsage { usage, example } => format!("{usage}\n\
             Пример: {example}"),
        Phrase::ArgumentMissing { name } => format!("Не хватает: {name}."),
        Phrase::ArgumentWrong { name, word } => format!("«{word}» не подходит как {name}."),
        Phrase::SystemSetup { system } => format!("{system} настроена не до конца; чего не хватает, сказано в журнале службы."),
        Phrase::SystemLacks { system, value } => format!("{system} не сообщила нужное ({value})."),
        Phrase::SystemUnreachable { system } => format!("{system} недоступна."),
        Phrase::SystemTimedOut { system } => format!("{system} не ответила вовремя."),
        Phrase::SystemUnauthorised { system } => format!("{system} не принимает наши учётные данные: их нужно обновить."),
        Phrase::SystemForbidden { system } => format!("{system} не разрешает нам это: нужно дать права."),
        Phrase::SystemNotFound { system } => format!("{system} не находит запрошенное; возможно, в настройках указано то, чего больше нет."),
        Phrase::SystemBusy { system, seconds } => match seconds {
            Some(seconds) => {
                let wait = RU.span(*seconds);
                format!("{system} перегружена запросами; повторите через {wait}.")
            }
            None => format!("{system} перегружена запросами; повторите позже."),
        },
        Phrase::SystemFailed { system, status } => format!("В {system} сбой (HTTP {status}); попробуйте позже."),
        Phrase::SystemRejected {
            system,
            status,
            message,
        } => {
            let said = match message.is_empty() {
                true => ".".to_owned(),
                false => format!(": «{message}»."),
            };
            format!("{system} не принимает это (HTTP {status}){said}")
        }
        Phrase::SystemUnreadable { system } => format!("{system} дала нечитаемый ответ, возможно, страницу входа."),
        Phrase::SystemTooLarge { system } => format!("Ответ {system} слишком велик."),
        Phrase::SystemTooMany { system, most } => format!("В {system} нужно изменить больше {most} записей: измените часть из них там."),
        Phrase::SystemRedirected { system } => format!("{system} отправляет нас на другой адрес, куда мы не передаём учётные данные: проверьте адрес."),
        Phrase::SystemUncertain { step } => format!("Выполнено ли это всё же ({step}), неизвестно: проверьте там, прежде чем повторять."),
        Phrase::SystemDone { steps } => format!("Уже сделано: {steps}."),
        Phrase::SystemUnchanged => "Ничего не изменено.".into(),
        Phrase::ButtonYes => "Да".into(),
        Phrase::ButtonNo => "Нет".into(),
        Phrase::QuestionDoing { command } => format!("{command}: выполняется…"),
        Phrase::QuestionOff => "Отменено; ничего не сделано.".into(),
        Phrase::QuestionLate => "Вопрос устарел; повторите команду. Ничего не сделано.".into(),
        Phrase::QuestionGone => "Вопрос устарел; повторите команду.".into(),
        Phrase::QuestionAnswered => "На это уже ответили.".into(),
        Phrase::QuestionBroken => "Служба была остановлена во время выполнения. Сделано ли это, неизвестно: проверьте там, прежде чем повторять.".into(),
        Phrase::NoticeQueued { text } => format!("Клиенту сообщается: «{text}»"),
        Phrase::NoticeOff { text } => format!("Клиенту не сообщено (доставка здесь выключена): «{text}»"),
        Phrase::NoticeFailed { text } => format!("Это не удалось доставить клиенту: «{text}»"),
        Phrase::NoticeDoubt { text } => format!("Дошло ли это до клиента, неизвестно: отправка прервалась: «{text}»"),
        Phrase::CommandBroken { command } => format!("Служба была остановлена, пока отвечала на /{command}. Если команда что-то меняет, проверьте там, прежде чем давать её снова."),
        Phrase::TriggerBroken { event } => format!("Служба была остановлена во время того, что делает сама по событию «{event}»; сделано ли это, неизвестно."),
        Phrase::QuestionChanged => "Ничего не сделано: после вопроса изменился клиент, счёт, цена или коннектор. Дайте команду ещё раз.".into(),
        Phrase::SaidElsewhere { link } => format!("В теме {link} нельзя писать; это относится к ней:"),
        Phrase::LinkUsage { command } => format!("/{command} СЧЁТ [ID ПОЛЬЗОВАТЕЛЯ …]\n\
             Без id имеется в виду клиент этой темы.\n\
             Примеры: /{command} N005 – /{command} N005 987654321 123456789"),
        Phrase::NotAUser { word } => format!("«{word}» – не id пользователя Telegram."),
        Phrase::Linked { account, users: 1 } => format!("Привязано к {account}."),
        Phrase::Linked { account, users } => {
            let users = RU.number(*users);
            format!("Привязано к {account}, пользователей: {users}.")
        }
        Phrase::LinkedAlready { account } => format!("Уже привязано к {account}."),
        Phrase::Unlinked { account, users: 1 } => format!("Отвязано от {account}."),
        Phrase::Unlinked { account, users } => {
            let users = RU.number(*users);
            format!("Отвязано от {account}, пользователей: {users}.")
        }
        Phrase::NotLinked { account } => format!("Такой привязки к {account} нет."),
        Phrase::LinksOfAccount { account } => format!("Пользователи {account}:"),
        Phrase::LinksOfCustomer => "Счета этого клиента:".into(),
        Phrase::LinksNone => "нет".into(),
        Phrase::LinkSince { day, by } => format!("с {day}, привязал {by}"),
        Phrase::LinkWas { since, until, by } => format!("с {since} по {until}, отвязал {by}"),
        Phrase::WaitingNobody => "Всем ответили.".into(),
        Phrase::WaitingHead { topics } => format!("Без ответа: {}", RU.count(*topics, Noun::Topic)),
        Phrase::WaitingRow { seconds, messages } => format!("{}, {}", RU.span(*seconds), RU.count(*messages, Noun::Message)),
        Phrase::AndMore { more } => format!("… и ещё {}", RU.number(*more)),
        Phrase::HistoryNames => "Прежние имена".into(),
        Phrase::HistoryTopics => "Другие темы".into(),
        Phrase::HistoryDeeds => "Что сделано".into(),
        Phrase::HistoryNone => "Здесь ещё ничего не делали.".into(),
    }
}
