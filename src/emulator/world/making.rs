//! What a world in the making needs beside what can happen in it.

use super::state::State;

impl State {
    /// Sets what a group is about, and whether its content is protected; nobody is told.
    pub fn furnish_group(&mut self, group: i64, about: &str, protected: bool) {
        if let Some(group) = self.groups.get_mut(&group) {
            about.clone_into(&mut group.about);
            group.protected = protected;
        }
    }
}
