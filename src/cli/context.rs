//! What commands share: global options, the configuration, the vault.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::args::Global;
use super::exit;
use super::failure::Failure;
use crate::archive::{Order, Reader, Selection, Vault};
use crate::config::{self, ConfigError, Loaded};
use crate::model::{GroupId, TopicId};

/// The global options and what follows from them.
#[derive(Debug)]
pub struct Context {
    /// The options.
    pub global: Global,
}

impl Context {
    pub(super) fn new(global: Global) -> Self {
        Self { global }
    }

    /// Loads the configuration, with `--vault` laid over it, and tells doubts on stderr.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn config(&self) -> Result<Loaded, Failure> {
        let loaded = load(&self.global)?;
        let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
        for warning in &loaded.warnings {
            // When stderr is closed there is nobody left to warn.
            let _ = writeln!(anstream::stderr(), "{yellow}warning:{yellow:#} {warning}");
        }
        Ok(loaded)
    }

    /// A runtime for commands that talk to the network.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn runtime(&self) -> Result<tokio::runtime::Runtime, Failure> {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::from(error).context("starting the runtime"))
    }

    /// Opens the vault that the configuration names.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub fn vault(&self, loaded: &Loaded) -> Result<Vault, Failure> {
        let dir: &PathBuf = &loaded.config.vault.dir;
        if !dir.is_dir() {
            return Err(Failure::new(
                exit::ARCHIVE,
                format!("there is no vault at {}", dir.display()),
            )
            .help("name one with --vault DIR; `topicvault run` creates it"));
        }
        Ok(Vault::open(dir)?)
    }
}

/// Loads the configuration, with `--vault` laid over it.
///
/// # Errors
/// When the configuration cannot be used.
pub(super) fn load(global: &Global) -> Result<Loaded, ConfigError> {
    let mut loaded = config::load(global.config.as_deref())?;
    if let Some(dir) = &global.vault {
        loaded.config.vault.dir = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
    }
    Ok(loaded)
}

/// Opens the archives that `--group` names: the one it means, or all.
///
/// # Errors
/// When the vault has no such group, or an archive cannot be opened.
pub(super) fn readers(vault: &Vault, group: Option<&str>) -> Result<Vec<Reader>, Failure> {
    match group {
        Some(wanted) => Ok(vec![reader(vault, Some(wanted))?]),
        None => vault
            .groups()?
            .into_iter()
            .map(|group| Ok(vault.reader(group)?))
            .collect(),
    }
}

/// Opens the one archive that `--group` means: by id, link or title, or the only one there is.
///
/// # Errors
/// When there is no such archive, or more than one that could be meant.
pub(super) fn reader(vault: &Vault, wanted: Option<&str>) -> Result<Reader, Failure> {
    let groups = vault.groups()?;
    let Some(wanted) = wanted else {
        return match groups.as_slice() {
            [] => Err(Failure::new(
                exit::NOT_FOUND,
                format!(
                    "the vault at {} holds no archive yet",
                    vault.dir().display()
                ),
            )
            .help("`topicvault run` fills it")),
            [only] => Ok(vault.reader(*only)?),
            several => Err(Failure::new(
                exit::USAGE,
                format!("the vault holds {} groups; say which one", several.len()),
            )
            .help(format!("--group ID, one of: {}", list(vault, several)))),
        };
    };
    if let Ok(id) = wanted.parse::<GroupId>()
        && groups.contains(&id)
    {
        return Ok(vault.reader(id)?);
    }
    let mut titled = Vec::new();
    for group in &groups {
        // An archive that cannot be opened cannot be meant by its title.
        if let Ok(reader) = vault.reader(*group)
            && let Ok(Some(title)) = reader.title()
        {
            titled.push((title.to_lowercase(), reader));
        }
    }
    let lower = wanted.trim().to_lowercase();
    let exact = titled.iter().filter(|(title, _)| *title == lower).count();
    let mut found: Vec<Reader> = titled
        .into_iter()
        .filter(|(title, _)| {
            if exact > 0 {
                *title == lower
            } else {
                title.contains(&lower)
            }
        })
        .map(|(_, reader)| reader)
        .collect();
    match (found.pop(), found.len()) {
        (Some(reader), 0) => Ok(reader),
        (Some(_), _) => Err(Failure::new(
            exit::USAGE,
            format!("more than one group in the vault is called like {wanted:?}"),
        )
        .help(format!("--group ID, one of: {}", list(vault, &groups)))),
        (None, _) => Err(Failure::new(
            exit::NOT_FOUND,
            format!("the vault holds no group {wanted:?}"),
        )
        .help(if groups.is_empty() {
            "it is empty; `topicvault run` fills it".to_owned()
        } else {
            format!("it holds: {}", list(vault, &groups))
        })),
    }
}

/// The group of the configuration that is meant: by id, link, or the title of its archive.
///
/// # Errors
/// When the configuration has no such group, or several could be meant.
pub(super) fn configured(
    context: &Context,
    loaded: &Loaded,
    wanted: &str,
) -> Result<GroupId, Failure> {
    let group = match wanted.parse() {
        Ok(group) => group,
        Err(_) => reader(&context.vault(loaded)?, Some(wanted))?.group(),
    };
    if loaded.config.group(group).is_some() {
        return Ok(group);
    }
    let message = format!("the configuration has no group {}", group.marked());
    Err(Failure::new(exit::CONFIG, message)
        .help("add a [[groups]] block for it; only those are captured"))
}

/// Refuses topics that the group does not have; one without messages in a range is fine.
///
/// # Errors
/// When a topic is known neither by itself nor by a message.
pub(super) fn known_topics(reader: &Reader, wanted: &[i32]) -> Result<(), Failure> {
    if wanted.is_empty() {
        return Ok(());
    }
    let topics = reader.topics()?;
    for id in wanted.iter().copied().map(TopicId) {
        // How a topic was created may be out of reach while its messages are not.
        let mut known = topics.iter().any(|topic| topic.id == id);
        if !known {
            let selection = Selection {
                topics: vec![id],
                ..Selection::default()
            };
            reader.read(&selection, Order::Topic, &mut |_| {
                known = true;
                ControlFlow::Break(())
            })?;
        }
        if !known {
            return Err(Failure::new(
                exit::NOT_FOUND,
                format!("the archive holds no topic {}", id.0),
            )
            .help("a topic's id is the last number of its link, t.me/c/<group>/<topic>"));
        }
    }
    Ok(())
}

/// Groups for a message: marked id and title.
fn list(vault: &Vault, groups: &[GroupId]) -> String {
    let names: Vec<String> = groups
        .iter()
        .map(|group| {
            let title = vault
                .reader(*group)
                .ok()
                .and_then(|reader| reader.title().ok().flatten());
            match title {
                Some(title) => format!("{} ({})", group.marked(), super::output::plain(&title)),
                None => group.marked().to_string(),
            }
        })
        .collect();
    names.join(", ")
}
