//! Holds every name that a connector uses against what there is: a misspelt value is found when
//! the file is read.

use std::collections::BTreeSet;

use super::context;
use super::definition::{Action, Auth, Base, Body, Connector, Step};
use super::markup;
use super::problem::{Problem, hint};
use super::spot::Spot;
use super::template::Template;

/// Everything that is wrong, in the order of the file.
pub(super) fn check(connector: &Connector) -> Vec<Problem> {
    let mut check = Check {
        connector,
        problems: Vec::new(),
    };
    check.settings_only();
    check.secrets();
    for action in connector.actions.values() {
        check.action(action);
    }
    let mut problems = check.problems;
    problems.sort_by_key(|problem| problem.spot.line);
    problems
}

struct Check<'c> {
    connector: &'c Connector,
    problems: Vec<Problem>,
}

/// What a template of an action may use.
struct Scope<'c> {
    arguments: Vec<&'c str>,
    /// Steps that were done by then.
    steps: Vec<&'c Step>,
    /// Within a step that is done for each item of a list.
    item: bool,
}

impl<'c> Check<'c> {
    /// What stands outside of actions knows of settings alone.
    fn settings_only(&mut self) {
        let mut templates: Vec<&Template> = Vec::new();
        let connector = self.connector;
        match &connector.base {
            Base::Nowhere => {
                let spot = Spot {
                    file: connector.file.clone(),
                    line: 0,
                };
                let problem = Problem::new(spot, "`base_url` is missing");
                self.problems
                    .push(problem.help("add base_url = \"https://…\": the address of the system"));
            }
            Base::Address(template) => templates.push(template),
            Base::Secret(_) => {}
        }
        match &connector.auth {
            Auth::Basic { user, .. } => templates.push(user),
            Auth::OAuth2(oauth) => {
                templates.push(&oauth.token_url);
                templates.extend(oauth.extra.iter().map(|(_, template)| template));
            }
            Auth::None | Auth::Header { .. } | Auth::GoogleServiceAccount { .. } => {}
        }
        templates.extend(connector.headers.iter().map(|(_, template)| template));
        for template in templates {
            for name in template.names() {
                match name.strip_prefix("settings.") {
                    Some(setting) => self.setting(template.spot(), setting),
                    None => self.problems.push(
                        Problem::new(
                            template.spot().clone(),
                            format!("`{name}` is not known here"),
                        )
                        .help("only settings are: {{ settings.NAME }}"),
                    ),
                }
            }
        }
    }

    /// Secrets that are named must be declared.
    fn secrets(&mut self) {
        let mut named: Vec<&str> = Vec::new();
        if let Base::Secret(name) = &self.connector.base {
            named.push(name);
        }
        match &self.connector.auth {
            Auth::None => {}
            Auth::Header { secret, .. }
            | Auth::Basic { secret, .. }
            | Auth::GoogleServiceAccount { secret, .. } => named.push(secret),
            Auth::OAuth2(oauth) => {
                named.extend([oauth.client_id.as_str(), oauth.client_secret.as_str()]);
                if let super::definition::Grant::RefreshToken(name) = &oauth.grant {
                    named.push(name);
                }
            }
        }
        for name in named {
            if !self.connector.secrets.contains_key(name) {
                let spot = Spot {
                    file: self.connector.file.clone(),
                    line: 0,
                };
                self.problems.push(
                    Problem::new(spot, format!("the secret `{name}` has no place")).help(format!(
                        "add {name} = {{ env = \"NAME\" }} or {{ file = \"path\" }} to [secrets]"
                    )),
                );
            }
        }
    }

    fn action(&mut self, action: &'c Action) {
        let arguments = action.grammar.arguments.iter();
        let mut scope = Scope {
            arguments: arguments.map(|argument| argument.name.as_str()).collect(),
            steps: Vec::new(),
            item: false,
        };
        for step in &action.steps {
            self.step(step, &mut scope);
        }
        let replies = [Some(&action.reply), action.confirm.as_ref()];
        let refusals = action.steps.iter().filter_map(|step| step.refuse.as_ref());
        let replies = replies
            .into_iter()
            .flatten()
            .chain(refusals.map(|(_, say)| say));
        for template in replies.flat_map(|say| say.all()) {
            if let Err(problem) = markup::check(template.source()) {
                let problem = Problem::new(template.spot().clone(), problem);
                self.problems.push(
                    problem.help("there is: b, i, u, s, code, pre, a, blockquote, tg-spoiler"),
                );
            }
        }
        if (action.info || action.link) && action.changes() {
            let what = format!("the action `{}` may only read", action.name);
            let problem = Problem::new(action.spot.clone(), what);
            self.problems.push(
                problem.help(
                    "it is asked without a command; steps that read by POST need reads = true",
                ),
            );
        }
        let says = [
            Some(&action.reply),
            action.confirm.as_ref(),
            action.notice.as_ref(),
        ];
        for template in says.into_iter().flatten().flat_map(|say| say.all()) {
            self.names(template.spot(), template.names(), &scope);
        }
        for template in action.about.all() {
            if !template.names().is_empty() {
                let problem = Problem::new(template.spot().clone(), "`about` has no values");
                self.problems
                    .push(problem.help("say what the command is for, in plain words"));
            }
        }
    }

    fn step(&mut self, step: &'c Step, scope: &mut Scope<'c>) {
        if let Some(when) = &step.when {
            self.names(when.spot(), when.names(), scope);
        }
        if let Some(each) = &step.each {
            self.names(each.spot(), each.names(), scope);
        }
        scope.item = step.each.is_some();
        if let Some(request) = &step.request {
            let mut templates: Vec<&Template> = vec![&request.url];
            templates.extend(request.query.iter().map(|(_, template)| template));
            templates.extend(request.headers.iter().map(|(_, template)| template));
            match &request.body {
                Body::None => {}
                Body::Form(fields) => templates.extend(fields.iter().map(|(_, field)| field)),
                Body::Json(json) => {
                    json.templates(&mut |template| {
                        self.names(template.spot(), template.names(), scope);
                    });
                }
            }
            let paths = step.extract.iter().chain(&step.collect);
            templates.extend(paths.map(|(_, path)| path));
            for template in templates {
                self.names(template.spot(), template.names(), scope);
            }
        } else if !step.extract.is_empty() || !step.collect.is_empty() {
            let problem = Problem::new(step.spot.clone(), "without `url` there is no answer");
            self.problems
                .push(problem.help("add `url`, or use `set` for computed values"));
        }
        if let Some(other) = scope.steps.iter().find(|other| other.name == step.name) {
            let what = format!("there is a step `{}` already", other.name);
            let problem = Problem::new(step.spot.clone(), what);
            self.problems
                .push(problem.help("give each step its own name"));
        }
        // From here on its own values are known.
        scope.item = false;
        scope.steps.push(step);
        for (_, template) in &step.set {
            self.names(template.spot(), template.names(), scope);
        }
        if let Some((when, say)) = &step.refuse {
            self.names(when.spot(), when.names(), scope);
            for template in say.all() {
                self.names(template.spot(), template.names(), scope);
            }
        }
    }

    fn names(&mut self, spot: &Spot, names: BTreeSet<String>, scope: &Scope<'_>) {
        for name in names {
            let parts: Vec<&str> = name.split('.').collect();
            match parts.as_slice() {
                ["settings", setting, ..] => self.setting(spot, setting),
                ["args", argument, ..] => {
                    self.known(spot, "args", argument, &scope.arguments, "no argument");
                }
                ["steps", step, rest @ ..] => {
                    let found = scope.steps.iter().find(|known| known.name == *step);
                    match (found, rest.first()) {
                        (None, _) => {
                            let known: Vec<&str> =
                                scope.steps.iter().map(|step| step.name.as_str()).collect();
                            self.known(spot, "steps", step, &known, "no step before");
                        }
                        (Some(found), Some(value)) => {
                            let known: Vec<&str> = found.values().collect();
                            let of = format!("steps.{step}");
                            self.known(spot, &of, value, &known, "no value");
                        }
                        (Some(_), None) => {}
                    }
                }
                ["item", ..] if !scope.item => {
                    let problem = Problem::new(spot.clone(), "`item` is unknown here");
                    self.problems
                        .push(problem.help("only a step with `each` has items"));
                }
                [root, rest @ ..] => match context::keys(root) {
                    Some(keys) => {
                        if let Some(key) = rest.first()
                            && !keys.is_empty()
                        {
                            self.known(spot, root, key, keys, "no value");
                        }
                    }
                    None => {
                        let what = format!("`{root}` is unknown");
                        let roots: Vec<&str> = context::roots().collect();
                        let problem = Problem::new(spot.clone(), what);
                        self.problems.push(problem.help(hint(root, &roots)));
                    }
                },
                [] => {}
            }
        }
    }

    fn known(&mut self, spot: &Spot, of: &str, name: &str, known: &[&str], what: &str) {
        if known.contains(&name) {
            return;
        }
        let full: Vec<String> = known.iter().map(|known| format!("{of}.{known}")).collect();
        let full: Vec<&str> = full.iter().map(String::as_str).collect();
        let wanted = format!("{of}.{name}");
        let problem = Problem::new(spot.clone(), format!("there is {what} `{wanted}`"));
        self.problems.push(problem.help(hint(&wanted, &full)));
    }

    fn setting(&mut self, spot: &Spot, setting: &str) {
        let known: Vec<&str> = self.connector.settings.keys().map(String::as_str).collect();
        self.known(spot, "settings", setting, &known, "no setting");
    }
}
