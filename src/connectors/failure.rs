//! Why an action did not come to its end, for operators and for the log.

use std::fmt;
use std::time::Duration;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A secret is not there.
    NoSecret {
        /// Its name.
        name: String,
    },
    /// A setting that the preset needs is not given.
    NoSetting {
        /// Its name.
        name: String,
    },
    /// The connector itself cannot be used as it is configured.
    Setup,
    /// A value is missing that the request or the reply needs.
    Missing {
        /// The value's name in templates.
        name: String,
    },
    /// Nobody answers there.
    Unreachable,
    /// It took too long.
    TimedOut,
    /// It does not know us (401, or a login that is refused).
    Unauthorised,
    /// It knows us and does not let us (403).
    Forbidden,
    /// There is no such thing (404).
    NotFound,
    /// It is asked too much, and wants longer than we wait.
    Busy {
        /// After this long it may be asked again, if it said so.
        wait: Option<Duration>,
    },
    /// It failed (5xx).
    Failed {
        /// HTTP status.
        status: u16,
    },
    /// It does not take what was sent.
    Rejected {
        /// HTTP status.
        status: u16,
        /// Its own words, secrets masked.
        message: String,
    },
    /// It answered with a page for people, as a login form or a proxy does.
    NotJson,
    /// Its answer cannot be read.
    Malformed,
    /// Its answer is too large.
    TooLarge,
    /// There is more to change than is changed at once.
    TooMany {
        /// So many are.
        most: usize,
    },
    /// It sends us elsewhere, where our credentials do not go.
    Redirected,
}

impl Cause {
    /// Whether another attempt may help.
    pub(super) const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::TimedOut | Self::Busy { .. } | Self::Failed { .. }
        )
    }

    /// The wait that the system asks for.
    pub(super) const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Busy { wait } => *wait,
            _ => None,
        }
    }
}

/// An action that did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub cause: Cause,
    /// The step at which it did.
    pub step: Option<String>,
    /// Steps that had changed something by then.
    pub done: Vec<String>,
    /// What the failed step was to change may have been changed all the same.
    pub uncertain: bool,
    /// More of it for the log: no secrets, nothing about people.
    pub detail: String,
}

impl Failure {
    pub(super) fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self {
            cause,
            step: None,
            done: Vec::new(),
            uncertain: false,
            detail: detail.into(),
        }
    }

    /// Whether another attempt, later, may help.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        self.cause.is_passing()
    }

    pub(super) fn uncertain(mut self, uncertain: bool) -> Self {
        self.uncertain = uncertain;
        self
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(step) = &self.step {
            write!(f, "step {step}: ")?;
        }
        match &self.cause {
            Cause::NoSecret { name } => write!(f, "the secret {name} is not there")?,
            Cause::NoSetting { name } => write!(f, "the setting {name} is not given")?,
            Cause::Setup => f.write_str("the connector cannot be used as it is configured")?,
            Cause::Missing { name } => write!(f, "there is no value for {name}")?,
            Cause::Unreachable => f.write_str("cannot be reached")?,
            Cause::TimedOut => f.write_str("no answer in time")?,
            Cause::Unauthorised => f.write_str("the credentials are refused")?,
            Cause::Forbidden => f.write_str("access is forbidden")?,
            Cause::NotFound => f.write_str("not found")?,
            Cause::Busy { wait: Some(wait) } => {
                write!(f, "too many requests; wants {} s", wait.as_secs())?;
            }
            Cause::Busy { wait: None } => f.write_str("too many requests")?,
            Cause::Failed { status } => write!(f, "server error {status}")?,
            Cause::Rejected { status, .. } => write!(f, "rejected with {status}")?,
            Cause::NotJson => f.write_str("a page instead of JSON")?,
            Cause::Malformed => f.write_str("an answer that cannot be read")?,
            Cause::TooLarge => f.write_str("an answer that is too large")?,
            Cause::TooMany { most } => write!(f, "more than {most} to change")?,
            Cause::Redirected => f.write_str("a redirect to another address")?,
        }
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        if !self.done.is_empty() {
            write!(f, "; done before: {}", self.done.join(", "))?;
        }
        if self.uncertain {
            f.write_str("; whether this step took effect is not known")?;
        }
        Ok(())
    }
}
