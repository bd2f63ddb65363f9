//! The catalogue in German.

use super::language::Language::German as DE;
use super::numbers::Noun;
use super::phrase::Phrase;

pub(super) fn say(phrase: &Phrase) -> String {
    match phrase {
        Phrase::DescribeExport => "Nachrichten dieses Themas als Datei senden".into(),
        Phrase::DescribeStatus => "zeigen, was erfasst ist und ob etwas fehlt".into(),
        Phrase::DescribeHelp => "die Befehle auflisten".into(),
        Phrase::HelpTitle => "Befehle für Mitarbeiter:".into(),
        Phrase::ExportUsage { command } => format!(
            "/{command} [Format] [last N | since DATUM | until DATUM | all] [redacted]\n\
             html: eine Seite zum Lesen; json: wie Telegram Desktop exportiert; jsonl: alles, eine Nachricht je Zeile; \
             markdown; csv; parquet; zum Trainieren: openai, sharegpt, trl, dataset.\n\
             redacted: ohne personenbezogene Daten.\n\
             DATUM: 2026-11-01, 01.11.2026, heute, gestern oder 7d für die letzten sieben Tage.\n\
             Beispiele: /{command} – /{command} json last 100 – /{command} since gestern"
        ),
        Phrase::DescribeSearch => "Nachrichten der ganzen Gruppe finden".into(),
        Phrase::SearchUsage { command } => format!(
            "/{command} WÖRTER\n\
             Alle Wörter müssen vorkommen, in beliebiger Reihenfolge und Form. \"in Anführungszeichen\": zusammen; -wort: dieses nicht.\n\
             from:anna, role:customer, topic:here, has:photo, after:2026-11-01, before:2026-12-01 grenzen ein.\n\
             Beispiele: /{command} Erstattung – /{command} \"order number\" topic:here – /{command} has:photo after:2026-11-01"
        ),
        Phrase::UnknownValue { word, known } => format!("„{word}“ ist unbekannt; es gibt: {known}."),
        Phrase::SearchFound { messages } => format!("Gefunden: {}", DE.count(*messages, Noun::Message)),
        Phrase::SearchBest { messages } => format!("Die {messages} besten Treffer:"),
        Phrase::SearchNothing => "Nichts gefunden.".into(),
        Phrase::SearchDeleted => "gelöscht".into(),
        Phrase::UnknownWord { word } => format!("„{word}“ hat hier keine Bedeutung."),
        Phrase::ValueMissing { word } => format!("Nach „{word}“ fehlt etwas."),
        Phrase::NotANumber { word } => {
            format!("„{word}“ ist keine Anzahl von Nachrichten: mindestens 1.")
        }
        Phrase::NotADate { word } => format!("„{word}“ ist kein Datum."),
        Phrase::Contradiction { word } => format!("„{word}“ widerspricht dem, was davor steht."),
        Phrase::ExportProgress { messages } => {
            format!("Export: {} …", DE.count(*messages, Noun::Message))
        }
        Phrase::ExportQueued => "Export: wartet auf den Beginn …".into(),
        Phrase::ExportDone { messages } => {
            format!("Export fertig: {}.", DE.count(*messages, Noun::Message))
        }
        Phrase::ExportRunning => "Dieser Export läuft schon; die Datei folgt.".into(),
        Phrase::ExportFailed => {
            "Der Export ist fehlgeschlagen. Den Grund nennt das Protokoll des Dienstes.".into()
        }
        Phrase::ExportInterrupted => {
            "Der Export wurde abgebrochen, weil der Dienst anhält. Bitte gleich noch einmal anfordern."
                .into()
        }
        Phrase::ExportNoConsent => "Nichts zum Trainieren erstellt: Die Kunden dieser Gruppe haben nicht \
             eingewilligt (training_consent in der Konfiguration)."
            .into(),
        Phrase::ExportEmpty => {
            "Nichts zu exportieren: keine erfasste Nachricht passt dazu.".into()
        }
        Phrase::ExportCaption { messages, topic } => match topic {
            Some(topic) => format!("{topic}: {}.", DE.count(*messages, Noun::Message)),
            None => format!("Exportiert: {}.", DE.count(*messages, Noun::Message)),
        },
        Phrase::CaptureBehind => {
            "Die Erfassung ist im Rückstand: die neuesten Nachrichten fehlen hier vielleicht."
                .into()
        }
        Phrase::UnknownIds { ids } => format!(
            "Die Gruppe ist nicht lückenlos erfasst: unbekannt sind {}.",
            DE.count(*ids, Noun::Id)
        ),
        Phrase::RolesUnsure { messages } => format!(
            "Bei {} ist nicht sicher, wer spricht; topicvault doctor sagt, was zu tun ist.",
            DE.count(*messages, Noun::Message)
        ),
        Phrase::Compressed { size, limit } => format!(
            "Mit zstd komprimiert, weil {} über der Grenze von {} liegen. Entpacken: zstd -d DATEI.",
            DE.size(*size),
            DE.size(*limit)
        ),
        Phrase::Part { part, parts } => format!("Teil {part} von {parts}."),
        Phrase::JoinParts { name } => {
            format!("Wegen der Grenze geteilt. Zusammenfügen: cat {name}.* > {name}; zstd -d {name}")
        }
        Phrase::StatusTitle => "Stand des Archivs".into(),
        Phrase::StatusCaptured { messages, topics } => format!(
            "Erfasst: {} in {}",
            DE.count(*messages, Noun::Message),
            DE.count(*topics, Noun::Topic)
        ),
        Phrase::StatusDeleted { messages } => format!(
            "In Telegram gelöscht, hier aufbewahrt: {}",
            DE.count(*messages, Noun::Message)
        ),
        Phrase::StatusUnknown { ids } => match ids {
            0 => "Abdeckung: lückenlos".into(),
            _ => format!("Abdeckung: unbekannt sind {}", DE.count(*ids, Noun::Id)),
        },
        Phrase::StatusLag { messages } => match messages {
            0 => "Rückstand: keiner".into(),
            _ => format!("Rückstand: {}", DE.count(*messages, Noun::Message)),
        },
        Phrase::StatusLastCommit { ago, moment } => {
            format!("Zuletzt erfasst: vor {} ({moment})", DE.span(*ago))
        }
        Phrase::StatusCatchingUp => "Die Erfassung holt den Verlauf nach".into(),
        Phrase::StatusConnecting => "Die Erfassung verbindet sich mit Telegram".into(),
        Phrase::StatusDown { ago, moment } => {
            format!("Die Erfassung steht seit {} (seit {moment})", DE.span(*ago))
        }
        Phrase::StatusNoCapture => "Die Erfassung läuft nicht".into(),
        Phrase::StatusFiles {
            stored,
            bytes,
            missing,
        } => format!(
            "Dateien: {} gespeichert ({}), {} fehlen",
            DE.number(*stored),
            DE.size(*bytes),
            DE.number(*missing)
        ),
        Phrase::StatusSize { bytes } => format!("Größe auf der Platte: {}", DE.size(*bytes)),
        Phrase::StatusFloodWait { seconds } => {
            format!("Telegram bittet zu warten: noch {}", DE.span(*seconds))
        }
        Phrase::NothingCaptured => "Von dieser Gruppe ist noch nichts erfasst.".into(),
        Phrase::CommandFailed { command } => format!(
            "/{command} ist fehlgeschlagen. Den Grund nennt das Protokoll des Dienstes."
        ),
        Phrase::AlertDown { moment } => format!("Achtung: Aus dieser Gruppe wird seit {moment} nichts erfasst. Gespeichertes ist sicher; Versäumtes wird danach nachgeholt."),
        Phrase::AlertBack { seconds } => {
            format!("Diese Gruppe wird wieder erfasst, nach {}. Versäumtes wird nachgeholt.", DE.span(*seconds))
        }
        Phrase::AlertDisk { free } => format!("Die Platte des Archivs füllt sich: noch {} frei. Bitte Platz schaffen.", DE.size(*free)),
        Phrase::TroubleUnreachable => "Telegram ist nicht erreichbar. Bitte das Netz des Servers prüfen; die Erfassung geht von selbst weiter.".into(),
        Phrase::TroubleWait => "Telegram bittet unser Konto zu warten; die Erfassung geht von selbst weiter.".into(),
        Phrase::TroubleNotLoggedIn => "Niemand ist angemeldet. Auf dem Server: topicvault login".into(),
        Phrase::TroubleRevoked => "Die Anmeldung wurde in einer anderen App beendet oder ist abgelaufen. Auf dem Server: topicvault login".into(),
        Phrase::TroubleDuplicated => "Die Anmeldung wurde an zwei Stellen zugleich benutzt. Die andere beenden, dann auf dem Server: topicvault login".into(),
        Phrase::TroubleDeactivated => "Das Telegram-Konto wurde gelöscht oder gesperrt. Bitte ein anderes anmelden und in die Gruppe aufnehmen.".into(),
        Phrase::TroubleMoved => "Telegram hat das Konto in ein anderes Rechenzentrum verlegt. Auf dem Server: topicvault login".into(),
        Phrase::TroubleSession => "Die Datei der Anmeldung ist in Gebrauch oder unbrauchbar. Näheres steht im Protokoll des Dienstes.".into(),
        Phrase::TroubleNotMember => "Das erfassende Konto ist nicht in dieser Gruppe. Bitte aufnehmen; die Erfassung geht dann von selbst weiter.".into(),
        Phrase::TroubleNotForum => "In dieser Gruppe sind Themen abgeschaltet. Bitte einschalten; die Erfassung geht dann von selbst weiter.".into(),
        Phrase::TroubleDiskFull => "Die Platte ist voll. Bitte Platz schaffen; die Erfassung geht dann von selbst weiter.".into(),
        Phrase::TroubleArchive => "Das Archiv ist nicht beschreibbar. Näheres steht im Protokoll des Dienstes.".into(),
        Phrase::TroubleSettings => "Telegram nimmt api_id und api_hash nicht an. Bitte die Konfiguration berichtigen.".into(),
        Phrase::TroubleOther => "Den Grund nennt das Protokoll des Dienstes.".into(),
        Phrase::DescribeInfo => "zeigen, wer der Kunde ist und was andere Systeme wissen".into(),
        Phrase::DescribeHistory => "zeigen, was für diesen Kunden getan wurde".into(),
        Phrase::DescribeWaiting => "Kunden ohne Antwort auflisten, die längste Wartezeit zuerst".into(),
        Phrase::DescribeLink => "den Kunden mit einem Konto verknüpfen".into(),
        Phrase::DescribeUnlink => "eine Verknüpfung mit einem Konto lösen".into(),
        Phrase::DescribeLinks => "zeigen, wer mit einem Konto verknüpft ist und war".into(),
        Phrase::CustomerUnknown => "Wer der Kunde dieses Themas ist, ist nicht bekannt.".into(),
        Phrase::CustomerLacks { value } => format!("Dafür fehlt {value}: das ist von diesem Kunden nicht bekannt."),
        Phrase::CrmUnknown => "Das CRM kennt dieses Thema nicht.".into(),
        Phrase::CrmSilent => "Das CRM antwortet gerade nicht.".into(),
        Phrase::CrmDenied => "Das CRM nimmt unsere Schlüssel nicht an: jemand muss die Einstellungen prüfen.".into(),
        Phrase::CrmFailed => "Das CRM hat keine brauchbare Antwort gegeben.".into(),
        Phrase::InfoChat => "ein Gruppenchat".into(),
        Phrase::InfoWaitsForUs => "Wartet auf unsere Antwort.".into(),
        Phrase::InfoWaitsForCustomer => "Wir warten auf den Kunden.".into(),
        Phrase::InfoClosed => "Geschlossen.".into(),
        Phrase::InfoAccounts => "Konten:".into(),
        Phrase::InfoFirstContact { moment } => format!("Erster Kontakt: {moment}"),
        Phrase::InfoMessages { messages, from_customer } => format!("Nachrichten: {}, davon {} vom Kunden", DE.number(*messages), DE.number(*from_customer)),
        Phrase::InfoLastAnswer { moment } => format!("Letzte Antwort: {moment}"),
        Phrase::InfoWaitingSince { moment } => format!("Wartet seit: {moment}"),
        Phrase::InfoMissing => "Hier fehlt".into(),
        Phrase::ActUsage { usage, example } => format!("{usage}\n\
             Beispiel: {example}"),
        Phrase::ArgumentMissing { name } => format!("{name} fehlt."),
        Phrase::ArgumentWrong { name, word } => format!("„{word}“ passt nicht als {name}."),
        Phrase::SystemSetup { system } => format!("{system} ist nicht fertig eingerichtet; das Protokoll des Dienstes sagt, was fehlt."),
        Phrase::SystemLacks { system, value } => format!("{system} hat nicht gesagt, was gebraucht wird ({value})."),
        Phrase::SystemUnreachable { system } => format!("{system} ist nicht erreichbar."),
        Phrase::SystemTimedOut { system } => format!("{system} hat nicht rechtzeitig geantwortet."),
        Phrase::SystemUnauthorised { system } => format!("{system} nimmt unsere Zugangsdaten nicht an: jemand muss sie erneuern."),
        Phrase::SystemForbidden { system } => format!("{system} erlaubt uns das nicht: jemand muss uns das Recht geben."),
        Phrase::SystemNotFound { system } => format!("{system} findet nicht, wonach gefragt wurde; vielleicht nennen die Einstellungen etwas, das es nicht mehr gibt."),
        Phrase::SystemBusy { system, seconds } => match seconds {
            Some(seconds) => {
                let wait = DE.span(*seconds);
                format!("{system} wird zu oft gefragt; versuchen Sie es in {wait} noch einmal.")
            }
            None => format!("{system} wird zu oft gefragt; versuchen Sie es später noch einmal."),
        },
        Phrase::SystemFailed { system, status } => format!("{system} hat eine eigene Störung (HTTP {status}); versuchen Sie es später noch einmal."),
        Phrase::SystemRejected {
            system,
            status,
            message,
        } => {
            let said = match message.is_empty() {
                true => ".".to_owned(),
                false => format!(": „{message}“."),
            };
            format!("{system} nimmt das nicht an (HTTP {status}){said}")
        }
        Phrase::SystemUnreadable { system } => format!("{system} hat eine Antwort gegeben, die nicht zu lesen ist, vielleicht eine Anmeldeseite."),
        Phrase::SystemTooLarge { system } => format!("Die Antwort von {system} ist zu groß."),
        Phrase::SystemTooMany { system, most } => format!("In {system} sind mehr als {most} Einträge zu ändern: ändern Sie einige davon dort."),
        Phrase::SystemRedirected { system } => format!("{system} schickt uns an eine andere Adresse, an die unsere Zugangsdaten nicht gehen: jemand muss die Adresse prüfen."),
        Phrase::SystemUncertain { step } => format!("Ob es trotzdem geschehen ist ({step}), ist nicht bekannt: sehen Sie dort nach, bevor Sie es noch einmal versuchen."),
        Phrase::SystemDone { steps } => format!("Schon geschehen: {steps}."),
        Phrase::SystemUnchanged => "Nichts wurde geändert.".into(),
        Phrase::ButtonYes => "Ja".into(),
        Phrase::ButtonNo => "Nein".into(),
        Phrase::QuestionDoing { command } => format!("{command}: wird ausgeführt …"),
        Phrase::QuestionOff => "Abgebrochen; nichts wurde getan.".into(),
        Phrase::QuestionLate => "Diese Frage ist zu alt; geben Sie den Befehl noch einmal. Nichts wurde getan.".into(),
        Phrase::QuestionGone => "Diese Frage ist zu alt; geben Sie den Befehl noch einmal.".into(),
        Phrase::QuestionAnswered => "Das wurde schon beantwortet.".into(),
        Phrase::QuestionBroken => "Der Dienst wurde angehalten, während das ausgeführt wurde. Ob es geschehen ist, ist nicht bekannt: sehen Sie dort nach, bevor Sie es noch einmal versuchen.".into(),
        Phrase::NoticeQueued { text } => format!("Dem Kunden wird mitgeteilt: „{text}“"),
        Phrase::NoticeOff { text } => format!("Dem Kunden wurde nichts mitgeteilt (die Zustellung ist hier aus): „{text}“"),
        Phrase::NoticeFailed { text } => format!("Das konnte dem Kunden nicht zugestellt werden: „{text}“"),
        Phrase::NoticeDoubt { text } => format!("Ob der Kunde das erhalten hat, ist nicht bekannt, weil das Senden abgebrochen wurde: „{text}“"),
        Phrase::CommandBroken { command } => format!("Der Dienst wurde angehalten, während er /{command} beantwortete. Wenn der Befehl etwas ändert, sehen Sie dort nach, bevor Sie ihn noch einmal geben."),
        Phrase::TriggerBroken { event } => format!("Der Dienst wurde bei dem angehalten, was er bei „{event}“ von selbst tut; ob es geschehen ist, ist nicht bekannt."),
        Phrase::QuestionChanged => "Nichts wurde getan: seit der Frage hat sich der Kunde, das Konto, der Preis oder der Connector geändert. Geben Sie den Befehl noch einmal.".into(),
        Phrase::SaidElsewhere { link } => format!("Im Thema {link} kann nichts geschrieben werden; das gehört dorthin:"),
        Phrase::LinkUsage { command } => format!("/{command} KONTO [USER-ID …]\n\
             Ohne User-Ids ist der Kunde dieses Themas gemeint.\n\
             Beispiele: /{command} N005 – /{command} N005 987654321 123456789"),
        Phrase::NotAUser { word } => format!("„{word}“ ist keine Telegram-User-Id."),
        Phrase::Linked { account, users: 1 } => format!("Mit {account} verknüpft."),
        Phrase::Linked { account, users } => {
            let users = DE.number(*users);
            format!("{users} Benutzer sind mit {account} verknüpft.")
        }
        Phrase::LinkedAlready { account } => format!("Schon mit {account} verknüpft."),
        Phrase::Unlinked { account, users: 1 } => format!("Nicht mehr mit {account} verknüpft."),
        Phrase::Unlinked { account, users } => {
            let users = DE.number(*users);
            format!("{users} Benutzer sind nicht mehr mit {account} verknüpft.")
        }
        Phrase::NotLinked { account } => format!("Eine solche Verknüpfung mit {account} gibt es nicht."),
        Phrase::LinksOfAccount { account } => format!("Benutzer von {account}:"),
        Phrase::LinksOfCustomer => "Konten dieses Kunden:".into(),
        Phrase::LinksNone => "keine".into(),
        Phrase::LinkSince { day, by } => format!("seit {day}, von {by}"),
        Phrase::LinkWas { since, until, by } => format!("vom {since} bis {until}, gelöst von {by}"),
        Phrase::WaitingNobody => "Alle haben eine Antwort.".into(),
        Phrase::WaitingHead { topics } => format!("Ohne Antwort: {}", DE.count(*topics, Noun::Topic)),
        Phrase::WaitingRow { seconds, messages } => format!("{}, {}", DE.span(*seconds), DE.count(*messages, Noun::Message)),
        Phrase::AndMore { more } => format!("… und {} weitere", DE.number(*more)),
        Phrase::HistoryNames => "Frühere Namen".into(),
        Phrase::HistoryTopics => "Andere Themen".into(),
        Phrase::HistoryDeeds => "Hier getan".into(),
        Phrase::HistoryNone => "Hier wurde noch nichts getan.".into(),
    }
}
