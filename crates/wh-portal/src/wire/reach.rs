//! Who can reach a place, and what a person can reach.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{LinkShowingBody, LocationSourceBody, PersonStatus};

/// A place, and which of the persons are to be named.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct WhoQuery {
    /// One of the estate's buckets of files; the first of them where it is not said.
    pub bucket: Option<String>,
    /// An object; a folder, which ends in `/`; the whole bucket, where it is empty.
    #[serde(default)]
    pub key: String,
    /// Only persons whose names hold this.
    #[serde(default)]
    pub name: String,
    /// How many persons come before the first that is named.
    #[serde(default)]
    pub from: u32,
}

/// How far an action reaches.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Extent)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ExtentBody {
    /// All of the place.
    Everywhere,
    /// Something of it.
    Part,
    /// Nothing as things are, and something where condition keys have the right values.
    Conditionally,
    /// It could not be found out.
    Unknown,
}

/// A part of a place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReachPart)]
pub(crate) struct ReachPartBody {
    /// What its keys begin with, or its one key.
    pub text: String,
    /// Whether it has one key only.
    pub exact: bool,
}

/// How far one action reaches, and by what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActionReach)]
pub(crate) struct ActionReachBody {
    pub action: String,
    pub extent: ExtentBody,
    /// The type of the policy that allows it, or on conditions refuses it as things are; `null`, when that
    /// was proved of all keys at once.
    #[schema(required)]
    pub policy_type: Option<String>,
    #[schema(required)]
    pub policy: Option<String>,
    /// Its `Sid`, or `#` and its number.
    #[schema(required)]
    pub statement: Option<String>,
    /// The condition keys that would have to be as policies want them.
    pub wanting: Vec<String>,
    /// The parts where it is allowed, where that is not everywhere. Of two that a key is in, the longer
    /// counts, be it here or in `except`.
    pub parts: Vec<ReachPartBody>,
    /// The parts where it is not.
    pub except: Vec<ReachPartBody>,
}

/// How far an action of a person reaches, by all of their grants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PersonAction)]
pub(crate) struct PersonActionBody {
    pub action: String,
    pub extent: ExtentBody,
}

/// Somebody who reaches the place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhoPerson)]
pub(crate) struct WhoPersonBody {
    pub uid: String,
    pub name: String,
    pub actions: Vec<PersonActionBody>,
    /// By which of the grants.
    pub by: Vec<String>,
}

/// To whom grants are given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhoSubject)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum WhoSubjectBody {
    /// One person.
    Person {
        uid: String,
        /// `null`, when it is no more.
        #[schema(required)]
        name: Option<String>,
    },
    /// Several persons, each by name, by grants that are alike.
    Persons,
    /// Whoever is in a group.
    Group {
        id: String,
        /// `null`, when it is no more.
        #[schema(required)]
        name: Option<String>,
    },
    /// Every active person.
    Everyone,
}

/// A grant that gives something at the place, or several that are alike but for the person who holds them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhoGrant)]
pub(crate) struct WhoGrantBody {
    /// Of several, that of the first.
    pub id: String,
    pub title: String,
    pub subject: WhoSubjectBody,
    pub role: String,
    pub bucket: String,
    /// `${uid}` stands for the holder's uid.
    pub prefix: String,
    /// When it stops counting; `null`: never.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    /// How many active persons reach something by it.
    pub persons: u64,
    /// What. Of a grant that is not the same for all, what it is for one of them.
    pub reaches: Vec<ActionReachBody>,
    /// Whether it means the same for everybody who holds it.
    pub same_for_all: bool,
}

/// A role whose sessions reach the place where no grant narrows them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhoRole)]
pub(crate) struct WhoRoleBody {
    pub role: String,
    /// The machines that are enrolled and get it.
    pub machines: Vec<String>,
    pub reaches: Vec<ActionReachBody>,
}

/// How many active persons reach something by an action.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhoTotal)]
pub(crate) struct WhoTotalBody {
    pub action: String,
    pub persons: u64,
}

/// A shared link that opens something of the place, to whoever has its address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhoLink)]
pub(crate) struct WhoLinkBody {
    pub id: String,
    /// Who made it, and by whose rights it opens.
    pub uid: String,
    pub name: String,
    /// What was shared: a key, or of a folder what keys begin with.
    pub key: String,
    pub showing: LinkShowingBody,
    /// Whether it asks for a password.
    pub password: bool,
    /// When it stops by itself; `null`: when it is revoked.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    /// How much of the place may be read by it.
    pub extent: ExtentBody,
}

/// A file request by which something of the place is written, by whoever has its address.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhoRequest)]
pub(crate) struct WhoRequestBody {
    pub id: String,
    /// Who made it, and by whose rights it takes files.
    pub uid: String,
    pub name: String,
    /// What keys of the folder begin with into which files are sent.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Whether it asks for a password.
    pub password: bool,
    /// When it stops by itself; `null`: when it is revoked.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    /// How much of the place may be written by it. Of a folder each sender writes into one of their own.
    pub extent: ExtentBody,
}

/// Who can reach a place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Who)]
pub(crate) struct WhoBody {
    pub bucket: String,
    pub key: String,
    pub totals: Vec<WhoTotalBody>,
    /// How many active persons reach anything.
    pub persons_total: u64,
    /// How many of them have such a name as was asked for.
    pub persons_found: u64,
    /// At most a hundred of them, by name.
    pub persons: Vec<WhoPersonBody>,
    /// How many grants give anything here, those that are alike counted once.
    pub grants_total: u64,
    /// At most two hundred of them, the oldest first.
    pub grants: Vec<WhoGrantBody>,
    pub roles: Vec<WhoRoleBody>,
    /// What anybody reaches who signs nothing.
    pub strangers: Vec<ActionReachBody>,
    /// The shared links by which something may be read here, the newest first.
    pub links: Vec<WhoLinkBody>,
    /// How many links there are to what lies here; of more than two hundred the older are not told.
    pub links_total: u64,
    /// The file requests by which something may be written here, the newest first.
    pub requests: Vec<WhoRequestBody>,
    /// How many requests there are into what lies here; of more than two hundred the older are not told.
    pub requests_total: u64,
}

/// A way to reach a place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatWay)]
pub(crate) struct WhatWayBody {
    /// The grant; `null`, when it is open to anybody.
    #[schema(required)]
    pub grant: Option<String>,
    #[schema(required)]
    pub title: Option<String>,
    #[schema(required)]
    pub role: Option<String>,
    /// By what the person holds the grant.
    #[schema(required)]
    pub by: Option<LocationSourceBody>,
    /// When the grant stops counting; `null`: never.
    #[schema(required, format = DateTime)]
    pub until: Option<String>,
    pub reaches: Vec<ActionReachBody>,
}

/// A place where somebody reaches something.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WhatPlace)]
pub(crate) struct WhatPlaceBody {
    pub bucket: String,
    pub part: ReachPartBody,
    /// In how many of the places before it lies this one.
    pub depth: u64,
    pub ways: Vec<WhatWayBody>,
}

/// What a person can reach. It counts while they are active.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = What)]
pub(crate) struct WhatBody {
    pub uid: String,
    pub name: String,
    pub status: PersonStatus,
    /// By bucket and prefix: each comes after all that it lies in.
    pub places: Vec<WhatPlaceBody>,
}
