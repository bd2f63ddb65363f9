//! What `--help` says: the command line is stable, so a change shows in review.

use crate::program::Program;

#[track_caller]
fn help(args: &[&str]) -> String {
    let ran = Program::new().run(&[args, &["--help"]].concat()).with(0);
    assert_eq!(ran.stderr, "");
    ran.stdout
}

macro_rules! snapshots {
    ($($name:ident: $args:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::with_settings!({omit_expression => true}, {
                insta::assert_snapshot!(help(&$args));
            });
        }
    )*};
}

snapshots! {
    topicvault: [] as [&str; 0];
    init: ["init"];
    login: ["login"];
    logout: ["logout"];
    accounts: ["accounts"];
    run: ["run"];
    export: ["export"];
    search: ["search"];
    stats: ["stats"];
    seal: ["seal"];
    sql: ["sql"];
    import: ["import"];
    connector: ["connector"];
    connector_check: ["connector", "check"];
    audit: ["audit"];
    backfill: ["backfill"];
    doctor: ["doctor"];
    completions: ["completions"];
}
