//! `backfill`: what is to be read from Telegram first, and how far that is.

mod show;
mod watch;

use clap::Args;
use serde::Serialize;

use self::watch::watch;
use super::args::WhichGroup;
use super::context::{self, Context};
use super::failure::Failure;
use super::{exit, output};
use crate::archive::{Backfill, BackfillState, BackfillWish, State, Vault};
use crate::config::Loaded;
use crate::model::{GroupId, TopicId};

/// Options of `backfill`.
#[derive(Debug, Args)]
#[command(after_help = "\
Everything that is unknown is read by itself, newest first, while `topicvault run` runs. This asks
for something to be read before the rest: chosen topics, or the group from its beginning. A running
service does the work; where there is none, it is done here. Ctrl-C loses nothing: what is open is
gone on with by the next `run` or `backfill`.")]
pub struct BackfillArgs {
    /// Which group.
    #[command(flatten)]
    pub group: WhichGroup,
    /// Only this topic, by its id; may be given several times
    #[arg(long = "topic", value_name = "ID", value_parser = clap::value_parser!(i32).range(1..))]
    pub topic: Vec<i32>,
    /// From the first message on, rather than from the newest back
    #[arg(long)]
    pub oldest_first: bool,
    /// Only ask for it; a service does it when one runs
    #[arg(long)]
    pub detach: bool,
    /// Show what was asked for and how far it is
    #[arg(long, conflicts_with_all = ["topic", "oldest_first", "detach", "stop"])]
    pub list: bool,
    /// End one that is open, by its number; what it has read stays
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["topic", "oldest_first", "detach"])]
    pub stop: Option<i64>,
}

/// A backfill, as JSON.
#[derive(Debug, Serialize)]
struct Line {
    id: i64,
    /// Bare id.
    group: GroupId,
    topic: Option<TopicId>,
    oldest_first: bool,
    state: BackfillState,
    done: u64,
    remaining: Option<u64>,
    /// Messages or ids a second.
    rate: Option<f64>,
    seconds_left: Option<u64>,
    asked_at: i64,
    changed_at: i64,
    waiting_until: Option<i64>,
    problem: Option<String>,
}

impl Line {
    fn new(it: &Backfill) -> Self {
        let open = it.state == BackfillState::Open;
        Self {
            id: it.id,
            group: it.wish.group,
            topic: it.wish.topic,
            oldest_first: it.wish.oldest_first,
            state: it.state,
            done: it.done,
            remaining: it.remaining,
            rate: it.rate(),
            seconds_left: it.seconds_left().filter(|_| open),
            asked_at: it.asked_at,
            changed_at: it.changed_at,
            waiting_until: it.waiting_until.filter(|_| open),
            problem: it.problem.clone(),
        }
    }
}

pub(super) fn run(context: &Context, args: &BackfillArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    if args.list {
        let state = context.vault(&loaded)?.state()?;
        let all = state.backfills(false)?;
        return print(context, &loaded, &all);
    }
    if let Some(id) = args.stop {
        return stop(&mut context.vault(&loaded)?.state()?, id);
    }
    loaded.config.require_telegram()?;
    loaded.config.require_groups()?;
    let group = which(context, &loaded, args.group.group.as_deref())?;
    let vault = Vault::create(&loaded.base.join(&loaded.config.vault.dir))?;
    let mut state = vault.state()?;
    let topics: Vec<Option<TopicId>> = match args.topic.as_slice() {
        [] => vec![None],
        some => some.iter().map(|id| Some(TopicId(*id))).collect(),
    };
    let mut ids = Vec::new();
    for topic in topics {
        let oldest_first = args.oldest_first;
        let wish = BackfillWish {
            group,
            topic,
            oldest_first,
        };
        ids.push(state.ask_backfill(&wish, jiff::Timestamp::now().as_second())?);
    }
    if !args.detach {
        watch(context, &loaded, &state, group, &ids)?;
    }
    let mut asked = state.backfills(false)?;
    asked.retain(|it| ids.contains(&it.id));
    print(context, &loaded, &asked)?;
    let ended = |state| asked.iter().find(move |it| it.state == state);
    let (it, code) = match (ended(BackfillState::Failed), ended(BackfillState::InPart)) {
        (Some(failed), _) => (failed, exit::NOT_FOUND),
        (None, Some(in_part)) => (in_part, exit::INCOMPLETE),
        (None, None) => return Ok(()),
    };
    let why = it.problem.as_deref().unwrap_or("no reason was given");
    Err(Failure::new(code, format!("backfill {}: {why}", it.id)))
}

fn stop(state: &mut State, id: i64) -> Result<(), Failure> {
    if state.end_backfill(
        id,
        BackfillState::Stopped,
        None,
        jiff::Timestamp::now().as_second(),
    )? {
        super::follow::say(&format!("backfill {id} is stopped; what it has read stays"));
        return Ok(());
    }
    let message = format!("there is no open backfill {id}");
    Err(Failure::new(exit::NOT_FOUND, message).help("`topicvault backfill --list` shows them"))
}

/// The group of the configuration that is meant.
fn which(context: &Context, loaded: &Loaded, wanted: Option<&str>) -> Result<GroupId, Failure> {
    let configured: Vec<GroupId> = loaded
        .config
        .groups
        .iter()
        .filter_map(|it| it.group().ok())
        .collect();
    let Some(wanted) = wanted else {
        return match configured.as_slice() {
            [only] => Ok(*only),
            several => {
                let message = format!("{} groups are configured; say which one", several.len());
                Err(Failure::new(exit::USAGE, message).help("--group ID"))
            }
        };
    };
    context::configured(context, loaded, wanted)
}

fn print(context: &Context, loaded: &Loaded, backfills: &[Backfill]) -> Result<(), Failure> {
    if context.global.json {
        let lines: Vec<Line> = backfills.iter().map(Line::new).collect();
        return output::print_json(&lines);
    }
    let title = |group| {
        let vault = context.vault(loaded).ok()?;
        vault.reader(group).ok()?.title().ok().flatten()
    };
    output::print(|out| show::table(out, backfills, title))
}
