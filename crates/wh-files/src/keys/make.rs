//! Making a key.

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{GrantRow, Ledger, PersonKeyRow};
use wh_names::{Entropy, RoleSessionName, Secret, Uid};
use wh_people::{Confirmed, Person};

use super::{KeyActor, KeyError, KeyOptions, OwnKey, key_record};
use crate::Files;

/// The longest name of a key, in characters.
const NAME_CHARS_MAX: usize = 60;

/// The most actions that a key may be narrowed to.
const ACTIONS_MAX: usize = 20;

/// The longest action, in bytes.
const ACTION_BYTES_MAX: usize = 80;

/// The key that a person wishes for.
#[derive(Debug, Clone)]
pub struct KeyForm {
    /// What it is to be called.
    pub name: String,
    /// How many days it shall live.
    pub days: u32,
    /// The only actions that it is to be for, as policies write them; none for all that the grant
    /// allows.
    pub actions: Option<Vec<String>>,
}

/// A key to be made: for whom, under which of their grants.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// Whose it will be.
    pub uid: Uid,
    /// The grant, as it counts for the person.
    pub grant: GrantRow,
    /// What is wished for.
    pub form: KeyForm,
}

/// A key that was made.
#[derive(Debug)]
#[must_use = "the secret is shown once"]
pub struct MadeKey {
    /// The key.
    pub key: OwnKey,
    /// Its grant.
    pub grant: GrantRow,
    /// Its secret.
    pub secret: Secret,
}

impl Files {
    /// Makes an access key for one of the person's locations. They have confirmed who they are, and
    /// the store lets them act there now.
    pub async fn make_key(
        &self,
        (person, confirmed): (&Person, &Confirmed),
        location: &str,
        form: KeyForm,
        ip: Option<std::net::IpAddr>,
    ) -> Result<MadeKey, KeyError> {
        let options = &self.options;
        if options.keys.mint.is_none() {
            return Err(KeyError::NotHere);
        }
        let access = self.access(person, location).await?;
        access.session().await?;
        let uid = confirmed.uid().clone();
        let actor = KeyActor {
            principal: RoleSessionName::said_of_person(&uid, person.session_id()),
            uid: Some(uid.clone()),
            ip,
        };
        let ledger = options.ledger.with_mails(options.people.told_of_key(&uid, &form.name));
        let key = NewKey { uid, grant: access.grant, form };
        let now = options.clock.now();
        issue_key((&ledger, &options.keys), key, &actor, (now, &options.entropy)).await
    }
}

/// Makes a key and keeps it, if it is one that may be.
pub async fn issue_key(
    (ledger, options): (&Ledger, &KeyOptions),
    new: NewKey,
    actor: &KeyActor,
    (now, entropy): (Timestamp, &Entropy),
) -> Result<MadeKey, KeyError> {
    let mint = options.mint.as_ref().ok_or(KeyError::NotHere)?;
    let name = checked_name(&new.form.name)?;
    let expires_at = checked_life(options, new.form.days, now)?;
    let actions = new.form.actions.map(checked_actions).transpose()?;
    let minted = mint().ok_or(KeyError::NoSecret)?;
    let row = PersonKeyRow {
        id: minted.id,
        uid: new.uid,
        grant: new.grant.id.clone(),
        name,
        actions,
        sealed_secret: minted.sealed,
        created_at: now,
        created_by: actor.uid.clone(),
        expires_at,
        revoked_at: None,
    };
    let done = ("CreatePersonKey", "wellhouse:CreatePersonKey");
    let record = key_record(actor, done, &row, (now, entropy));
    let max = options.per_person_max;
    if !ledger.insert_person_key(&row, max, &record).await? {
        return Err(KeyError::TooMany { max });
    }
    let grant = new.grant;
    let key = OwnKey { row, grant: Some(grant.clone()), standing: Ok(()), used: None };
    Ok(MadeKey { key, grant, secret: minted.secret })
}

fn checked_name(name: &str) -> Result<String, KeyError> {
    let name = name.trim();
    let ok = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
    if !ok || name.chars().any(char::is_control) {
        return Err(KeyError::Name);
    }
    Ok(name.to_owned())
}

fn checked_life(options: &KeyOptions, days: u32, now: Timestamp) -> Result<Timestamp, KeyError> {
    let max = options.days_max();
    let wrong = || KeyError::Life { max };
    if !(1..=max).contains(&days) {
        return Err(wrong());
    }
    let life = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_add(life).map_err(|_| wrong())
}

fn checked_actions(actions: Vec<String>) -> Result<Vec<String>, KeyError> {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '*';
    let is_action = |action: &String| {
        let name = action.strip_prefix("s3:").unwrap_or_default();
        !name.is_empty() && action.len() <= ACTION_BYTES_MAX && name.chars().all(letter)
    };
    if !(1..=ACTIONS_MAX).contains(&actions.len()) || !actions.iter().all(is_action) {
        return Err(KeyError::Actions);
    }
    Ok(actions)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{checked_actions, checked_life, checked_name};
    use crate::KeyOptions;

    #[test]
    fn a_key_has_a_name_a_life_and_actions_of_s3() {
        for (name, ok) in [("backup", true), (" a ", true), ("", false), ("a\nb", false)] {
            assert_eq!(checked_name(name).is_ok(), ok, "{name:?}");
        }
        assert!(checked_name(&"ä".repeat(60)).is_ok() && checked_name(&"ä".repeat(61)).is_err());
        let options = KeyOptions { life_max: SignedDuration::from_hours(48), ..KeyOptions::none() };
        for (days, ok) in [(0, false), (1, true), (2, true), (3, false), (u32::MAX, false)] {
            assert_eq!(checked_life(&options, days, Timestamp::UNIX_EPOCH).is_ok(), ok, "{days}");
        }
        for (action, ok) in [
            ("s3:GetObject", true),
            ("s3:Get*", true),
            ("s3:*", true),
            ("s3:", false),
            ("*", false),
            ("iam:CreateUser", false),
            ("s3:Get Object", false),
            ("s3:${aws:username}", false),
        ] {
            assert_eq!(checked_actions(vec![action.to_owned()]).is_ok(), ok, "{action}");
        }
        assert!(checked_actions(Vec::new()).is_err());
        assert!(checked_actions(vec!["s3:*".to_owned(); 21]).is_err());
    }
}
