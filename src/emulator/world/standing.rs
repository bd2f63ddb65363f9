//! Where people stand in a group, and how that changes.

use super::change::What;
use super::group::Group;
use super::message::{Message, Service};
use super::refusal::Refusal;
use super::state::State;

/// Where somebody stands in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Created it.
    Owner,
    /// Has all rights but the owner's.
    Administrator,
    /// May read and write.
    Member,
    /// May read only.
    Restricted,
    /// Is not in it, and may join.
    Left,
    /// Is not in it, and may not join.
    Banned,
}

impl Standing {
    /// Whether that means being in the group.
    #[must_use]
    pub const fn is_member(self) -> bool {
        !matches!(self, Self::Left | Self::Banned)
    }

    /// Whether that means having an administrator's rights.
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::Owner | Self::Administrator)
    }
}

impl Group {
    /// Where somebody stands.
    #[must_use]
    pub fn standing(&self, user: i64) -> Standing {
        if self.banned.contains(&user) {
            Standing::Banned
        } else if !self.members.contains(&user) {
            Standing::Left
        } else if self.owner == user {
            Standing::Owner
        } else if self.administrators.contains(&user) {
            Standing::Administrator
        } else if self.restricted.contains(&user) {
            Standing::Restricted
        } else {
            Standing::Member
        }
    }
}

impl State {
    /// Changes where `user` stands, on behalf of `by`: oneself may join and leave, everything else
    /// takes an administrator, and nobody moves the owner. Joining and being removed leave a
    /// service message, as in Telegram. Nothing happens where the standing stays the same.
    pub fn set_standing(
        &mut self,
        group: i64,
        by: i64,
        user: i64,
        new: Standing,
    ) -> Result<(), Refusal> {
        let now = self.now();
        let place = self.groups.get(&group).ok_or(Refusal::NoSuchGroup)?;
        let old = place.standing(user);
        if self.user(user).is_none() {
            return Err(Refusal::NoSuchUser);
        }
        if old == new {
            return Ok(());
        }
        let oneself = by == user
            && (new == Standing::Left || (old, new) == (Standing::Left, Standing::Member));
        if !oneself {
            if !place.members.contains(&by) {
                return Err(Refusal::NoSuchGroup);
            }
            let invites = old == Standing::Left && new == Standing::Member;
            if !place.administrators.contains(&by) && !invites {
                return Err(Refusal::AdministratorRequired);
            }
        }
        if old == Standing::Owner || new == Standing::Owner {
            return Err(Refusal::OwnerStays);
        }
        // Administrators depose whom they made administrators, and nobody else.
        let promoter = place.promoters.get(&user).copied().unwrap_or(place.owner);
        let rules = by == place.owner || by == promoter;
        if old == Standing::Administrator && !oneself && !rules {
            return Err(Refusal::AdministratorStays);
        }
        if new == Standing::Restricted && !old.is_member() {
            return Err(Refusal::NotAMember);
        }
        let Some(place) = self.groups.get_mut(&group) else {
            return Err(Refusal::NoSuchGroup);
        };
        for list in [
            &mut place.members,
            &mut place.administrators,
            &mut place.restricted,
            &mut place.banned,
        ] {
            list.remove(&user);
        }
        place.promoters.remove(&user);
        if new == Standing::Administrator && by != place.owner {
            place.promoters.insert(user, by);
        }
        if new.is_member() {
            place.members.insert(user);
        }
        match new {
            Standing::Administrator => place.administrators.insert(user),
            Standing::Restricted => place.restricted.insert(user),
            Standing::Banned => place.banned.insert(user),
            Standing::Owner | Standing::Member | Standing::Left => false,
        };
        self.record(group, 0, What::Member { user, by, old, new });
        let service = match (old.is_member(), new.is_member()) {
            (false, true) => Service::Joined { people: vec![user] },
            (true, false) => Service::Left { person: user },
            _ => return Ok(()),
        };
        let message = Message {
            topic: 1,
            from: by,
            date: now,
            service: Some(service),
            ..Message::default()
        };
        self.append(group, message);
        Ok(())
    }
}
