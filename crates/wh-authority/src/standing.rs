//! `Standing`: what a principal's own side allows at this moment.

use std::sync::Arc;

use wh_names::AccessKeyId;
use wh_policy::{Context, NamedPolicy, PolicySet};

use crate::own_session::OwnSession;
use crate::principal::Kind;
use crate::session::Session;
use crate::state::{CompiledRole, CompiledUser, Permissions, Tags};
use crate::{AuthenticationError, Authority, Principal};

/// What a principal's own side allows, at this moment.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The identity policies of its role; of a user, with those of its groups.
    pub identity: Arc<[NamedPolicy]>,
    /// The role's or user's permissions boundary.
    pub boundary: Option<NamedPolicy>,
    /// The session policies, when the session was given any. An empty list allows nothing.
    pub session: Option<Arc<[NamedPolicy]>>,
    tags: Tags,
}

impl Standing {
    fn without_policies() -> Self {
        Self { identity: Arc::new([]), boundary: None, session: None, tags: Arc::new([]) }
    }

    /// The policies of a role or user. One that cannot be read might have denied: then nothing is
    /// allowed.
    fn of(permissions: Option<&Permissions>, tags: &Tags) -> Result<Self, AuthenticationError> {
        let permissions = permissions.ok_or(AuthenticationError::UnreadablePolicy)?;
        Ok(Self {
            identity: Arc::clone(&permissions.identity),
            boundary: permissions.boundary.clone(),
            session: None,
            tags: Arc::clone(tags),
        })
    }

    /// The policies to judge by, with a resource policy.
    pub fn policies<'a>(&'a self, resource: Option<&'a NamedPolicy>) -> PolicySet<'a> {
        PolicySet {
            identity: &self.identity,
            resource,
            boundary: self.boundary.as_ref(),
            session: self.session.as_deref(),
            scps: None,
            rcps: None,
        }
    }

    /// Fills in the condition keys that come from the principal: the role's or user's tags, and over
    /// them what the credentials say.
    pub fn context(&self, principal: &Principal, context: &mut Context) {
        for (key, value) in &*self.tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        principal.context(context);
    }
}

impl Authority {
    /// What a principal's own side allows now, by its policies as they are now. Credentials that have
    /// stopped counting since they were recognised are refused here.
    pub fn standing(&self, principal: &Principal) -> Result<Standing, AuthenticationError> {
        match principal.kind() {
            Kind::Anonymous | Kind::Root | Kind::Federated(_) => Ok(Standing::without_policies()),
            Kind::User(known) => {
                let user = self.current_user(&known.access_key, &known.user_id)?;
                Standing::of(user.permissions.as_ref(), &user.tags)
            }
            Kind::OwnSession(session) => match self.parent_of(session)? {
                None => Ok(Standing::without_policies()),
                Some(user) => Standing::of(user.permissions.as_ref(), &user.tags),
            },
            Kind::Session(session) => {
                let role = self.current_role(session)?;
                let standing = Standing::of(role.permissions.as_ref(), &role.tags)?;
                Ok(Standing { session: self.session_policies(session), ..standing })
            }
        }
    }

    /// The session's role, if the session still counts.
    pub(crate) fn current_role(
        &self,
        session: &Session,
    ) -> Result<Arc<CompiledRole>, AuthenticationError> {
        match &session.key {
            // What ends a person's sessions does not end their keys; the key itself says what does.
            Some(key) => self.key_counts(key)?,
            None if self.now() >= session.expires => return Err(AuthenticationError::ExpiredToken),
            None if self.is_revoked(session) => return Err(AuthenticationError::Revoked),
            None => {}
        }
        if let Some((machine, _)) = &session.machine {
            self.machine_counts(machine)?;
        }
        let state = self.state();
        let role = state.role(&session.role).filter(|role| role.role_id == session.role_id);
        role.cloned().ok_or(AuthenticationError::InvalidToken)
    }

    fn is_revoked(&self, session: &Session) -> bool {
        session.sid.as_deref().is_some_and(|sid| self.ledger.session_revoked(sid))
            || session.persons.iter().any(|uid| self.ledger.revoked(uid, session.issued))
    }

    /// The user of an access key, if the key still counts and is still that user's.
    fn current_user(
        &self,
        key: &AccessKeyId,
        user_id: &str,
    ) -> Result<Arc<CompiledUser>, AuthenticationError> {
        let state = self.state();
        let known = state.access_key(key).filter(|known| known.user.user_id == user_id);
        Ok(Arc::clone(&known.ok_or(AuthenticationError::InvalidAccessKeyId)?.user))
    }

    /// The user whose session it is, none for the root user, if the session still counts.
    pub(crate) fn parent_of(
        &self,
        session: &OwnSession,
    ) -> Result<Option<Arc<CompiledUser>>, AuthenticationError> {
        if self.now() >= session.expires {
            return Err(AuthenticationError::ExpiredToken);
        }
        match &session.user_id {
            None if session.parent == *self.keys.root_access_key_id() => Ok(None),
            None => Err(AuthenticationError::Revoked),
            Some(user_id) => {
                let user = self.current_user(&session.parent, user_id);
                user.map(Some).map_err(|_| AuthenticationError::Revoked)
            }
        }
    }

    fn session_policies(&self, session: &Session) -> Option<Arc<[NamedPolicy]>> {
        if !session.is_narrowed() {
            return None;
        }
        let state = self.state();
        let managed = session.policy_arns.iter().map(|arn| state.session_policy(arn));
        // One that is gone might have denied: without it, nothing is allowed.
        let all: Option<Vec<_>> = session.inline.iter().map(Some).chain(managed).collect();
        Some(all.unwrap_or_default().into_iter().cloned().collect())
    }
}
