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
            "/{command} [html | json | jsonl] [last N | since DATUM | all]\n\
             html: eine Seite zum Lesen; json: wie Telegram Desktop exportiert; jsonl: alles, eine Nachricht je Zeile.\n\
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
    }
}
