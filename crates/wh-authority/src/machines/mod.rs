//! Machines: enrolled once with a one-time token, and from then on given the credentials of their
//! instance profile's role, as the instance metadata service gives them to EC2 instances.
//!
//! A request is signed with the machine's own key and says when it was made. It counts once: each must
//! be of a later time than the last. See `docs/adr/0019-machines-and-imdsv2.md`.
//!
//! Invariant: credentials are delivered only to whoever signs with the key of an enrolled machine that
//! was not revoked, for the role of the machine's own instance profile, and only if that role's trust
//! policy lets EC2 assume it; the delivery stands in the audit trail before the credentials leave.

mod key;
mod known;

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use wh_ledger::{
    AUDIT_REFUSALS_KEPT, AuditKind, AuditRecord, InstanceProfileRow, LedgerError,
    MACHINE_KEY_BYTES, MachineEnrolment, MachineKey, MachineRow, MachineUse,
};
use wh_names::{Arn, InstanceId, Region, RoleName, RoleSessionName, Secret};

use crate::state::Place;
use crate::{Authority, DeliverError, TemporaryCredentials};

pub use key::{MachineKeyPair, delivery_message, enrolment_message};
pub(crate) use known::Machines;

/// The service in whose place credentials are delivered.
const EC2: &str = "ec2.amazonaws.com";

/// How far a machine's clock may be from ours.
const SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Machines that have ended are shown for so long, and their refusals say why. All that they were given
/// has expired long before.
const ENDED_KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// A machine asks to be enrolled.
#[derive(Debug, Clone)]
pub struct EnrolMachine {
    /// The one-time token.
    pub token: Secret,
    /// The machine's public key: Ed25519.
    pub public_key: [u8; MACHINE_KEY_BYTES],
    /// The machine's time.
    pub asked_at: Timestamp,
    /// Of [`enrolment_message`], by that key.
    pub signature: Vec<u8>,
    /// Where it comes from, where that is known.
    pub ip: Option<IpAddr>,
}

/// A machine asks for credentials.
#[derive(Debug, Clone)]
pub struct AskMachine {
    /// Which machine.
    pub id: InstanceId,
    /// The machine's time.
    pub asked_at: Timestamp,
    /// Of [`delivery_message`], by the machine's key.
    pub signature: Vec<u8>,
    /// Where it comes from, where that is known.
    pub ip: Option<IpAddr>,
}

/// What a machine is given.
#[derive(Debug, Clone)]
pub struct MachineCredentials {
    /// The credentials.
    pub credentials: TemporaryCredentials,
    /// The role that they are of.
    pub role: RoleName,
    /// The ARN of the machine's instance profile.
    pub profile_arn: String,
    /// `AIPA…`.
    pub profile_id: String,
    /// The machine's own ARN, which names region and account.
    pub instance_arn: Arn,
}

/// Why a machine was not enrolled, or not given credentials.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// No machine that is enrolled here signed this.
    #[error("the request is not signed by the key of a machine that is enrolled here")]
    Stranger,
    /// The clocks are too far apart to tell a new request from an old one.
    #[error("the machine's clock is {ms} ms ahead of the server's: set both by NTP")]
    Skew {
        /// How far the machine's clock is ahead, in milliseconds.
        ms: i64,
    },
    /// The token counts for nobody, or not for this machine.
    #[error(
        "the enrolment token does not count: it was spent, replaced or revoked, or has expired"
    )]
    TokenRefused,
    /// The request, or a later one, was taken before.
    #[error("the request is not of a later time than the last one that was taken")]
    Replayed,
    /// The machine has been revoked.
    #[error("the machine has been revoked")]
    Revoked,
    /// The machine's instance profile is gone, or holds no role.
    #[error("there is no instance profile `{name}` that holds a role")]
    NoProfile {
        /// The name of the profile.
        name: String,
    },
    /// The role was not delivered.
    #[error("the role of the instance profile cannot be delivered: {0}")]
    Deliver(#[from] DeliverError),
    /// The ledger did not do it.
    #[error("the ledger did not do it")]
    Ledger(#[from] LedgerError),
}

impl MachineError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stranger => "machine-unknown",
            Self::Skew { .. } => "machine-clock",
            Self::TokenRefused => "machine-token-refused",
            Self::Replayed => "machine-request-replayed",
            Self::Revoked => "machine-revoked",
            Self::NoProfile { .. } => "machine-profile-gone",
            Self::Deliver(error) => error.code(),
            Self::Ledger(error) => error.code(),
        }
    }
}

impl Authority {
    /// Enrols a machine: spends its token on its key. A machine whose answer was lost may ask again,
    /// with the same key and at a later time; nobody else may.
    pub async fn enrol_machine(&self, ask: EnrolMachine) -> Result<MachineRow, MachineError> {
        self.in_time(ask.asked_at)?;
        let message = enrolment_message(&ask.token, &ask.public_key, ask.asked_at);
        if !key::signed(&ask.public_key, &message, &ask.signature) {
            return Err(MachineError::Stranger);
        }
        let token = ask.token.digest();
        let row = self.ledger.machine_of_token(&token).await?.ok_or(MachineError::TokenRefused)?;
        let asked = asked(ask.asked_at, ask.ip);
        let record = self.record(&row, "EnrolMachine", &asked);
        let done = match &row.enrolled {
            Some(key) if key.public_key == ask.public_key => {
                return match self.ledger.take_machine_request(&row.id, &asked, &record).await? {
                    true => Ok(row),
                    false => self.refused(&record, MachineError::Replayed).await,
                };
            }
            Some(_) => false,
            None => {
                let key = MachineKey { public_key: ask.public_key, at: self.now() };
                let enrolment = MachineEnrolment { token, key, asked };
                self.ledger.enrol_machine(&enrolment, &record).await?
            }
        };
        if !done {
            return self.refused(&record, MachineError::TokenRefused).await;
        }
        tracing::info!(machine = %row.id, name = row.name, "a machine was enrolled");
        Ok(row)
    }

    /// Gives a machine the credentials of its instance profile's role. `region` is where it stands.
    pub async fn deliver_to_machine(
        &self,
        ask: AskMachine,
        region: &Region,
    ) -> Result<MachineCredentials, MachineError> {
        self.in_time(ask.asked_at)?;
        let row = self.ledger.machine(&ask.id).await?.ok_or(MachineError::Stranger)?;
        let key = row.enrolled.as_ref().ok_or(MachineError::Stranger)?;
        let message = delivery_message(&ask.id, ask.asked_at);
        if !key::signed(&key.public_key, &message, &ask.signature) {
            return Err(MachineError::Stranger);
        }
        let asked = asked(ask.asked_at, ask.ip);
        let record = self.record(&row, "DeliverCredentials", &asked);
        if row.revoked_at.is_some() {
            return self.refused(&record, MachineError::Revoked).await;
        }
        let given = match self.credentials_of(&row, region) {
            Ok(given) => given,
            Err(error) => return self.refused(&record, error).await,
        };
        if !self.ledger.take_machine_request(&row.id, &asked, &record).await? {
            return self.refused(&record, MachineError::Replayed).await;
        }
        Ok(given)
    }

    /// Forgets machines and invitations that ended long ago, and all but the newest refusals of machines.
    /// To be called now and then.
    pub async fn sweep_machines(&self) -> Result<(), LedgerError> {
        let before = self.now().checked_sub(ENDED_KEPT).unwrap_or(Timestamp::MIN);
        self.ledger.sweep_machines(before).await?;
        self.ledger.sweep_audit_of_machines(AUDIT_REFUSALS_KEPT).await?;
        Ok(())
    }

    /// The ARN of a machine that stands in `region`.
    pub fn instance_arn(&self, id: &InstanceId, region: &Region) -> Option<Arn> {
        let Place { partition, account } = &self.place;
        Arn::parse(&format!("arn:{partition}:ec2:{region}:{account}:instance/{id}")).ok()
    }

    fn credentials_of(
        &self,
        row: &MachineRow,
        region: &Region,
    ) -> Result<MachineCredentials, MachineError> {
        let no_profile = || MachineError::NoProfile { name: row.profile.clone() };
        let state = self.state();
        let profile: &InstanceProfileRow =
            state.rows.profiles.get(&row.profile.to_ascii_lowercase()).ok_or_else(no_profile)?;
        let role = profile.role.clone().ok_or_else(no_profile)?;
        let place = &self.place;
        let instance_arn = self.instance_arn(&row.id, region).ok_or(DeliverError::TooLarge)?;
        // As EC2 names the sessions of its instances.
        let session =
            RoleSessionName::parse(row.id.as_str()).map_err(|_| DeliverError::TooLarge)?;
        let credentials = self.deliver_to(EC2, &role, &session, Some(&instance_arn))?;
        Ok(MachineCredentials {
            credentials,
            role,
            profile_arn: place.iam("instance-profile", &profile.path, &profile.name),
            profile_id: profile.profile_id.clone(),
            instance_arn,
        })
    }

    fn in_time(&self, asked_at: Timestamp) -> Result<(), MachineError> {
        let ahead = asked_at.duration_since(self.now());
        if ahead.abs() <= SKEW_MAX {
            return Ok(());
        }
        let ms = i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX);
        Err(MachineError::Skew { ms })
    }

    fn record(&self, row: &MachineRow, operation: &str, asked: &MachineUse) -> AuditRecord {
        AuditRecord {
            at: self.now(),
            kind: AuditKind::Intent,
            request_id: hex::encode(self.entropy.bytes::<8>()),
            operation: operation.to_owned(),
            action: format!("wellhouse:{operation}"),
            resource: format!("machine/{}/{}", row.name, row.id),
            principal: format!("machine/{}", row.id),
            source_identity: None,
            source_ip: asked.ip.clone(),
            detail: None,
        }
    }

    /// Writes a refusal down. Strangers cause none: they know neither a token nor a machine's key.
    async fn refused<T>(
        &self,
        record: &AuditRecord,
        error: MachineError,
    ) -> Result<T, MachineError> {
        let detail = Some(error.to_string());
        let record = AuditRecord { kind: AuditKind::Refusal, detail, ..record.clone() };
        self.ledger.record_refusal(&record).await?;
        tracing::warn!(code = error.code(), resource = record.resource, "a machine was refused");
        Err(error)
    }
}

fn asked(at: Timestamp, ip: Option<IpAddr>) -> MachineUse {
    MachineUse { at, ip: ip.map(|ip| ip.to_string()) }
}
