//! A change of grants and groups, weighed before it is written: who gains and who loses what, and what stands
//! against it. As the portal weighs it.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use wh_files::{
    ChangeSet, ChangeWarning, Encryption, Laws, Patience, PlaceChange, ProposedChange, Scales,
};
use wh_ledger::AccessRevision;
use wh_names::RoleName;
use wh_people::Everybody;
use wh_policy::rails::{Breach, Broken};
use wh_provision::UPLOAD_ROLE;

use super::{Deed, House};
use crate::output::remark;
use crate::{parameters, say, serve};

/// How many persons are named before they are counted.
const NAMED_MAX: usize = 8;

/// How long it is weighed: whoever has the machine has time.
const WEIGHING_MAX: std::time::Duration = std::time::Duration::from_mins(10);

/// Which id a grant has that is not given yet.
pub(super) const NO_ROW: &str = "00000000000000000000000000";

/// What a change comes to.
pub(super) struct Weighed {
    set: ChangeSet,
    against: Vec<String>,
    /// At which revision of access it was weighed: it is made at that, or not.
    pub(super) revision: AccessRevision,
}

impl House {
    /// Weighs what is proposed, of everybody as they are.
    pub(super) async fn weigh(
        &self,
        propose: impl FnOnce(Everybody) -> Result<(Everybody, ProposedChange)>,
    ) -> Result<Weighed> {
        let now = parameters::clock().now();
        let everybody = Everybody::read(&self.ledger, &self.holding, now).await?;
        let (everybody, proposed) = propose(everybody)?;
        let estate = &self.estate;
        let roles = serve::role_views(&self.config, estate)?.into_iter();
        let buckets = estate.buckets_of_files();
        let bucket_policies = buckets.map(|one| (one.name.clone(), one.policy.clone())).collect();
        let drop_role = RoleName::parse(UPLOAD_ROLE)?;
        let (rails, realm) = (estate.rails(), estate.realm());
        let scales = Scales {
            laws: Laws {
                roles: roles.map(|(name, view)| (name, view.into())).collect(),
                drop_role: &drop_role,
                bucket_policies: &bucket_policies,
                encryption: estate.key().map_or(Encryption::StoresOwn, |_| Encryption::Kms),
                scanning: estate.description().scan.is_some(),
                partition: estate.partition(),
                account: estate.account(),
            },
            everybody: &everybody,
            rails: &rails,
            realm: &realm,
            patience: &Patience::of(WEIGHING_MAX),
        };
        let mut against: Vec<String> =
            scales.broken_rails(&proposed)?.iter().map(in_words).collect();
        if !scales.stays_administered(&proposed)? {
            against.push("this would leave no administrator".to_owned());
        }
        let set = scales.would_change(&proposed)?;
        Ok(Weighed { set, against, revision: everybody.revision })
    }

    /// The same of what only takes away and makes nobody an administrator: it is shown where it can be, and is
    /// made in any case.
    pub(super) async fn weigh_taken(
        &self,
        propose: impl FnOnce(Everybody) -> Result<(Everybody, ProposedChange)>,
    ) -> Option<Weighed> {
        let weighed = self.weigh(propose).await;
        let told = |error: &anyhow::Error| {
            remark(&format!("Who loses what by it could not be worked out: {error:#}"));
        };
        weighed.inspect_err(told).ok()
    }

    /// The deed, unless something stands against it: then it is refused, and that is written down.
    pub(super) async fn unless_refused<'d>(
        &self,
        deed: Deed<'d>,
        weighed: &Weighed,
    ) -> Result<Deed<'d>> {
        if weighed.stands() {
            return Ok(deed);
        }
        self.recorded(deed, async { Ok(()) }, |()| "change-refused").await?;
        bail!("{}", weighed.against.join("; "))
    }
}

impl Weighed {
    /// Whether nothing stands against it.
    pub(super) fn stands(&self) -> bool {
        self.against.is_empty()
    }

    /// Says who gains and who loses what.
    pub(super) fn tell(&self) {
        for one in &self.set.persons {
            let named = one.persons.iter().take(NAMED_MAX).map(|(_, name)| match name.as_str() {
                "" => "whoever follows the link",
                name => name,
            });
            let named = named.collect::<Vec<_>>().join(", ");
            let more = match one.persons.len().saturating_sub(NAMED_MAX) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            one.gained
                .iter()
                .for_each(|place| say(&format!("  {named}{more}: {}", side("gain", place))));
            one.lost
                .iter()
                .for_each(|place| say(&format!("  {named}{more}: {}", side("lose", place))));
            if one.locked_out {
                say(&format!("  {named}{more}: nothing is left to them"));
            }
            one.unknown.iter().for_each(|why| say(&format!("  {named}{more}: not known, {why}")));
        }
        if self.set.persons.is_empty() {
            say(&format!("  nobody of {} gains or loses anything", self.set.asked));
        }
        for warning in &self.set.warnings {
            say(&format!("  note: {}", warning_in_words(*warning)));
        }
        self.against.iter().for_each(|why| say(&format!("  refused: {why}")));
    }

    /// The same as JSON.
    pub(super) fn as_json(&self) -> Value {
        let place = |place: &PlaceChange| {
            let actions: Vec<&str> =
                place.differences.iter().map(|one| one.action.as_str()).collect();
            json!({ "role": place.role.as_str(), "bucket": place.bucket.as_str(),
                "prefix": place.prefix.as_str(), "actions": actions })
        };
        let persons = self.set.persons.iter().map(|one| {
            let persons: Vec<Value> = one
                .persons
                .iter()
                .map(|(uid, name)| json!({ "uid": uid.as_str(), "name": name }))
                .collect();
            json!({ "persons": persons, "locked_out": one.locked_out, "unknown": one.unknown,
                "gained": one.gained.iter().map(place).collect::<Vec<_>>(),
                "lost": one.lost.iter().map(place).collect::<Vec<_>>() })
        });
        let warnings: Vec<&str> =
            self.set.warnings.iter().map(|one| warning_in_words(*one)).collect();
        json!({ "asked": self.set.asked, "persons": persons.collect::<Vec<_>>(),
            "warnings": warnings, "refusals": self.against })
    }
}

fn side(verb: &str, place: &PlaceChange) -> String {
    let actions: Vec<&str> = place.differences.iter().map(|one| one.action.as_str()).collect();
    let (role, bucket, prefix) = (&place.role, &place.bucket, &place.prefix);
    format!("{verb} by {role} on {bucket}/{prefix}: {}", actions.join(", "))
}

fn warning_in_words(warning: ChangeWarning) -> &'static str {
    match warning {
        ChangeWarning::LockOut => "somebody is left with nothing",
        ChangeWarning::NewWrite => "something may be written that could not",
        ChangeWarning::Everyone => "something is opened to everyone",
        ChangeWarning::NotKnown => "something could not be told",
    }
}

fn in_words(Broken { rail, why, who, how }: &Broken) -> String {
    let by = match how {
        Breach::By(witness) => {
            format!("{who} would be allowed {} on {}", witness.action, witness.resource)
        }
        Breach::NotProved(because) => format!("it is not proved for {who}, {because}"),
    };
    format!("the guard rail `{rail}` ({why}): {by}")
}
