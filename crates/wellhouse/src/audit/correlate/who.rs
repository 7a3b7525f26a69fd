//! Who a request was: a person by a grant and a role session, an instance, the portal itself, a service
//! of AWS, somebody else — or nobody whom what CloudTrail says and what was written down agree on.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use wh_names::RoleSessionName;
use wh_provision::{EC2_UPLOAD_ROLE, Estate, PORTAL_ROLE, SCAN_ROLE};

use super::event::Event;
use super::sessions::{Known, Sessions};

/// By how much two clocks may differ: AWS refuses signatures beyond it.
const CLOCKS_MINUTES_MAX: i64 = 15;

/// Whose request it was.
#[derive(Debug, Clone)]
pub(super) enum Who {
    /// A person's, by this session.
    Person(Known),
    /// An instance's, by its role session's name.
    Instance(String),
    /// The portal's own: it takes sessions for persons.
    Portal,
    /// AWS's own, as this service.
    Service(String),
    /// Somebody's who is none of these, by the ARN.
    Other(String),
    /// Something does not fit, all of it in words.
    Doubtful(Vec<String>),
}

/// The estate's roles by ARN, as the portal takes them.
pub(super) struct House<'h> {
    estate: &'h Estate,
    roles: BTreeMap<String, String>,
}

impl<'h> House<'h> {
    /// The roles of the estate, with the ARNs of those that the configuration names otherwise.
    pub(super) fn new(estate: &'h Estate, elsewhere: &BTreeMap<String, String>) -> Self {
        let arn = |role: &wh_provision::RoleSpec| {
            let name = role.name.to_string();
            let arn = elsewhere.get(&name).cloned().unwrap_or_else(|| role.arn.to_string());
            (arn, name)
        };
        Self { estate, roles: estate.roles().iter().map(arn).collect() }
    }

    /// The name of the role that an ARN is.
    pub(super) fn role(&self, arn: &str) -> Option<&str> {
        self.roles.get(arn).map(String::as_str)
    }

    /// Whether a request is about the estate: its buckets, its roles, or done as one of them.
    pub(super) fn concerns(&self, event: &Event) -> bool {
        let ours = |name: &str| self.estate.buckets().any(|bucket| bucket.name.as_str() == name);
        let role = |arn: &str| self.role(arn).is_some();
        event.bucket().is_some_and(ours)
            || event.user_identity.role_arn().is_some_and(role)
            || event.assumed().is_some_and(role)
    }

    /// Whose request it was.
    pub(super) fn who(&self, event: &Event, sessions: &Sessions) -> Who {
        let identity = &event.user_identity;
        let role = identity.role_arn().and_then(|arn| self.role(arn));
        if let Some(assumed) = event.assumed().and_then(|arn| self.role(arn))
            && let Some(doubt) = assumed_by_another(assumed, role, event)
        {
            return Who::Doubtful(vec![doubt]);
        }
        match role {
            // To scan is the portal's own doing, in nobody's name.
            Some(PORTAL_ROLE | SCAN_ROLE) => Who::Portal,
            Some(EC2_UPLOAD_ROLE) => {
                Who::Instance(identity.session_name().unwrap_or("without a name").to_owned())
            }
            Some(_) => of_person(event, sessions),
            None => match (&identity.invoked_by, &identity.arn) {
                (Some(service), _) => Who::Service(service.clone()),
                (None, Some(arn)) => Who::Other(arn.clone()),
                (None, None) => Who::Other(identity.kind.clone().unwrap_or("nobody".to_owned())),
            },
        }
    }
}

/// Persons' roles are the portal's to take, and the instances' is EC2's to deliver.
fn assumed_by_another(assumed: &str, by: Option<&str>, event: &Event) -> Option<String> {
    let identity = &event.user_identity;
    let service = identity.invoked_by.as_deref();
    let fits = match assumed {
        EC2_UPLOAD_ROLE | PORTAL_ROLE => service.is_some() || by == Some(assumed),
        _ => by == Some(PORTAL_ROLE),
    };
    let whom = identity.arn.as_deref().or(service).unwrap_or("nobody that says so");
    (!fits).then(|| format!("{assumed} was asked for by {whom}, who is not who takes it"))
}

fn of_person(event: &Event, sessions: &Sessions) -> Who {
    let key = event.user_identity.access_key_id.as_deref().unwrap_or_default();
    let Some(known) = sessions.by_key(key) else {
        let mut doubts = by_itself(event);
        doubts.push(format!("no line of the audit log tells who took the session of `{key}`"));
        return Who::Doubtful(doubts);
    };
    let mut doubts = if sees_as_another(event, known) { Vec::new() } else { by_itself(event) };
    doubts.extend(against(event, known));
    if doubts.is_empty() { Who::Person(known.clone()) } else { Who::Doubtful(doubts) }
}

/// Whether it is written down that an administrator took the session to see as somebody else: it is named for
/// whom they saw as, and its source identity is the administrator's.
fn sees_as_another(event: &Event, known: &Known) -> bool {
    let identity = &event.user_identity;
    identity.session_name() == Some(known.taken.session.as_str())
        && identity.source_identity() == Some(known.uid.as_str())
}

/// The uid stands in the name of a session and as its source identity.
fn by_itself(event: &Event) -> Vec<String> {
    let identity = &event.user_identity;
    let name = identity.session_name().unwrap_or_default();
    let named = RoleSessionName::parse(name).ok();
    let named = named.as_ref().and_then(RoleSessionName::person).map(|(uid, _)| uid);
    match (named, identity.source_identity()) {
        (Some(named), Some(source)) if named.as_str() == source => Vec::new(),
        (_, None) => vec!["its session has no source identity".to_owned()],
        (_, Some(source)) => {
            vec![format!("its session is named `{name}`, and its source identity is `{source}`")]
        }
    }
}

/// What was written down when the session was taken.
fn against(event: &Event, known: &Known) -> Vec<String> {
    let identity = &event.user_identity;
    let (line, slack) = (known.line, SignedDuration::from_mins(CLOCKS_MINUTES_MAX));
    let mut doubts = Vec::new();
    if identity.source_identity().is_some_and(|source| source != known.uid) {
        doubts.push(format!("line {line} says that the session is of `{}`", known.uid));
    }
    if identity.session_name().is_some_and(|name| name != known.taken.session) {
        doubts.push(format!("line {line} names the session `{}`", known.taken.session));
    }
    if identity.role_arn().is_some_and(|arn| arn != known.role_arn) {
        doubts.push(format!("line {line} says that the role is `{}`", known.role_arn));
    }
    let at = event.event_time;
    if at < known.since - slack || at > known.taken.expires + slack {
        let (since, until) = (known.since, known.taken.expires);
        doubts.push(format!("line {line} says that the session was from {since:.0} to {until:.0}"));
    }
    doubts
}
