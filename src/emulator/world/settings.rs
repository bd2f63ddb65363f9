//! What administrators set about a group.

use super::limits;
use super::message::{Message, Service};
use super::refusal::Refusal;
use super::state::State;

impl State {
    /// Gives a group another title (administrators); that leaves a service message.
    pub fn rename_group(&mut self, group: i64, by: i64, title: &str) -> Result<(), Refusal> {
        let date = self.now();
        let place = self.administered(group, by)?;
        limits::group_title(title)?;
        if place.title == title {
            return Err(Refusal::NotModified);
        }
        if let Some(place) = self.groups.get_mut(&group) {
            title.clone_into(&mut place.title);
        }
        let message = Message {
            topic: 1,
            from: by,
            date,
            service: Some(Service::Renamed {
                title: title.to_owned(),
            }),
            ..Message::default()
        };
        self.append(group, message);
        Ok(())
    }

    /// Says what a group is about (administrators); members are not told.
    pub fn describe_group(&mut self, group: i64, by: i64, about: &str) -> Result<(), Refusal> {
        let place = self.administered(group, by)?;
        limits::about(about)?;
        if place.about == about {
            return Err(Refusal::NotModified);
        }
        if let Some(place) = self.groups.get_mut(&group) {
            about.clone_into(&mut place.about);
        }
        Ok(())
    }
}
