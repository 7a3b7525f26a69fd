//! Machines: a token brings in one, a signed request counts once, and what was delivered ends with its
//! machine.

use jiff::{SignedDuration, Timestamp};
use wh_authority::{
    AskMachine, AuthenticationError, EnrolMachine, IamRequest, MachineCredentials, MachineError,
    MachineKeyPair, Principal, TemporaryCredentials, delivery_message, enrolment_message,
};
use wh_ledger::{AuditKind, AuditRecord, MachineInvitation, MachineRow};
use wh_names::{InstanceId, Region, Secret};
use wh_policy::Context;

use crate::kit::{ALL_STS, Kit, ask, create, entropy, role, trust};

const EC2: &str = r#"{"Service":"ec2.amazonaws.com"}"#;

fn key(seed: u64) -> MachineKeyPair {
    MachineKeyPair::generate(&entropy(seed)).expect("a key")
}

fn enrolment(token: &Secret, key: &MachineKeyPair, asked_at: Timestamp) -> EnrolMachine {
    let signature = key.sign(&enrolment_message(token, key.public(), asked_at));
    let (token, public_key) = (token.clone(), *key.public());
    EnrolMachine { token, public_key, asked_at, signature, ip: None }
}

fn asking(id: &InstanceId, key: &MachineKeyPair, asked_at: Timestamp) -> AskMachine {
    let signature = key.sign(&delivery_message(id, asked_at));
    let ip = Some("192.0.2.7".parse().expect("an address"));
    AskMachine { id: id.clone(), asked_at, signature, ip }
}

struct House {
    kit: Kit,
}

impl House {
    async fn open() -> Self {
        let kit = Kit::build().await;
        let upload = create("EC2UploadRole", trust(EC2, r#""sts:AssumeRole""#, ""));
        kit.iam(IamRequest::CreateRole(upload)).await;
        kit.allow("EC2UploadRole", &format!(r#"["s3:PutObject",{ALL_STS}]"#)).await;
        let (name, path) = ("EC2UploadRole".to_owned(), "/w/".to_owned());
        kit.iam(IamRequest::CreateInstanceProfile { name: name.clone(), path, tags: Vec::new() })
            .await;
        let role = role(&name);
        kit.iam(IamRequest::AddRoleToInstanceProfile { name, role }).await;
        Self { kit }
    }

    fn record(&self) -> AuditRecord {
        AuditRecord {
            at: self.kit.now(),
            kind: AuditKind::Intent,
            request_id: "1".to_owned(),
            operation: "Operator".to_owned(),
            action: "wellhouse:Operator".to_owned(),
            resource: "machine".to_owned(),
            principal: "operator".to_owned(),
            source_identity: None,
            source_ip: None,
            detail: None,
        }
    }

    /// A token for a machine of this name.
    async fn invite(&self, name: &str, seed: u64) -> Secret {
        let token = Secret::random(&entropy(seed));
        let invitation = MachineInvitation {
            id: InstanceId::generate(&entropy(seed + 1)),
            name: name.to_owned(),
            profile: "ec2uploadrole".to_owned(),
            token: token.digest(),
            token_expires_at: self.kit.now() + SignedDuration::from_mins(60),
        };
        let invited = self.kit.ledger.invite_machine(&invitation, &self.record()).await;
        assert!(invited.expect("written"));
        token
    }

    async fn enrol(&self, ask: EnrolMachine) -> Result<MachineRow, &'static str> {
        self.kit.authority.enrol_machine(ask).await.map_err(|error| error.code())
    }

    async fn deliver(&self, ask: AskMachine) -> Result<MachineCredentials, &'static str> {
        let region = Region::parse("eu-west-1").expect("a region");
        let given = self.kit.authority.deliver_to_machine(ask, &region).await;
        given.map_err(|error: MachineError| error.code())
    }

    async fn recognise(
        &self,
        given: &TemporaryCredentials,
    ) -> Result<Principal, AuthenticationError> {
        let token = Some(given.session_token.expose());
        self.kit.authority.learn_session(&given.access_key_id, token).await?;
        self.kit.authority.recognise(&given.access_key_id, token)
    }

    async fn revoke(&self, id: &InstanceId) {
        assert!(self.kit.ledger.revoke_machine(id, &self.record()).await.expect("written"));
    }

    async fn refusals(&self) -> Vec<String> {
        let trail = self.kit.ledger.audit_recent(None, 100).await.expect("read");
        let refused = trail.into_iter().filter(|entry| entry.record.kind == AuditKind::Refusal);
        refused.map(|entry| entry.record.operation).collect()
    }
}

#[tokio::test]
async fn a_token_is_spent_once_and_by_whoever_holds_the_key() {
    let house = House::open().await;
    let token = house.invite("camera", 10).await;
    let (own, other, now) = (key(1), key(2), house.kit.now());
    let made_up = Secret::random(&entropy(99));
    assert_eq!(house.enrol(enrolment(&made_up, &own, now)).await, Err("machine-token-refused"));
    let mut forged = enrolment(&token, &own, now);
    forged.public_key = *other.public();
    assert_eq!(house.enrol(forged).await, Err("machine-unknown"), "another's key");
    let first = enrolment(&token, &own, now);
    let row = house.enrol(first.clone()).await.expect("enrolled");
    assert_eq!(house.enrol(first).await, Err("machine-request-replayed"));
    house.kit.pass(1);
    let stolen = enrolment(&token, &other, house.kit.now());
    assert_eq!(house.enrol(stolen).await, Err("machine-token-refused"), "spent");
    let again = house.enrol(enrolment(&token, &own, house.kit.now())).await;
    assert_eq!(again.map(|row| row.id), Ok(row.id), "the answer was lost");
    let late = house.invite("scanner", 20).await;
    house.kit.pass(3600);
    let late = enrolment(&late, &key(3), house.kit.now());
    assert_eq!(house.enrol(late).await, Err("machine-token-refused"), "it has expired");
    assert_eq!(house.refusals().await, ["EnrolMachine"; 3]);
}

#[tokio::test]
async fn a_request_is_signed_by_the_machine_in_time_and_counts_once() {
    let house = House::open().await;
    let token = house.invite("camera", 10).await;
    let own = key(1);
    let row = house.enrol(enrolment(&token, &own, house.kit.now())).await.expect("enrolled");
    house.kit.pass(10);
    let now = house.kit.now();
    let unknown = InstanceId::generate(&entropy(77));
    for (ask, code) in [
        (asking(&unknown, &own, now), "machine-unknown"),
        (asking(&row.id, &key(2), now), "machine-unknown"),
        (
            AskMachine {
                asked_at: now - SignedDuration::from_secs(1),
                ..asking(&row.id, &own, now)
            },
            "machine-unknown",
        ),
        (asking(&row.id, &own, now - SignedDuration::from_secs(10)), "machine-request-replayed"),
        (asking(&row.id, &own, now - SignedDuration::from_secs(301)), "machine-clock"),
        (asking(&row.id, &own, now + SignedDuration::from_secs(301)), "machine-clock"),
    ] {
        assert_eq!(house.deliver(ask).await.map(|_| ()), Err(code));
    }
    let ask = asking(&row.id, &own, now);
    assert!(house.deliver(ask.clone()).await.is_ok());
    assert_eq!(house.deliver(ask).await.map(|_| ()), Err("machine-request-replayed"));
    let trail = house.kit.ledger.audit_recent(None, 100).await.expect("read");
    let mut delivered = trail.iter().filter(|entry| entry.record.operation == "DeliverCredentials");
    let delivered = delivered.find(|entry| entry.record.kind == AuditKind::Intent);
    let delivered = delivered.expect("a record");
    assert_eq!(delivered.record.resource, format!("machine/camera/{}", row.id));
    assert_eq!(delivered.record.source_ip.as_deref(), Some("192.0.2.7"));
}

#[tokio::test]
async fn what_is_delivered_is_the_profiles_role_by_imdsv2() {
    let house = House::open().await;
    let token = house.invite("camera", 10).await;
    let own = key(1);
    let row = house.enrol(enrolment(&token, &own, house.kit.now())).await.expect("enrolled");
    house.kit.pass(1);
    let given = house.deliver(asking(&row.id, &own, house.kit.now())).await.expect("given");
    let arn = format!("arn:aws:ec2:eu-west-1:111122223333:instance/{}", row.id);
    assert_eq!((given.role.as_str(), given.instance_arn.as_str()), ("EC2UploadRole", &*arn));
    let profile = "arn:aws:iam::111122223333:instance-profile/w/EC2UploadRole";
    assert_eq!(given.profile_arn, profile);
    let principal = house.recognise(&given.credentials).await.expect("a principal");
    let session = format!("arn:aws:sts::111122223333:assumed-role/EC2UploadRole/{}", row.id);
    assert_eq!(principal.label(), session);
    let mut context = Context::new();
    let standing = house.kit.authority.standing(&principal).expect("a standing");
    standing.context(&principal, &mut context);
    let told = format!("{context:?}");
    assert!(told.contains("RoleDelivery") || told.contains("roledelivery"), "{told}");
    assert!(told.contains(&arn), "{told}");
    let name = "EC2UploadRole".to_owned();
    let role = role(&name);
    house.kit.iam(IamRequest::RemoveRoleFromInstanceProfile { name, role }).await;
    house.kit.pass(1);
    let none = house.deliver(asking(&row.id, &own, house.kit.now())).await;
    assert_eq!(none.map(|_| ()), Err("machine-profile-gone"));
}

#[tokio::test]
async fn what_a_machine_was_given_ends_with_it_and_so_does_what_that_opened() {
    let house = House::open().await;
    let anybody = trust(r#"{"AWS":"*"}"#, ALL_STS, "");
    house.kit.iam(IamRequest::CreateRole(create("FurtherRole", anybody))).await;
    let token = house.invite("camera", 10).await;
    let own = key(1);
    let row = house.enrol(enrolment(&token, &own, house.kit.now())).await.expect("enrolled");
    house.kit.pass(1);
    let given = house.deliver(asking(&row.id, &own, house.kit.now())).await.expect("given");
    let principal = house.recognise(&given.credentials).await.expect("a principal");
    let further = house.kit.authority.assume_role(&principal, &ask("FurtherRole"), &Context::new());
    let further = further.expect("a session").credentials;
    assert!(house.recognise(&further).await.is_ok());
    house.revoke(&row.id).await;
    house.kit.pass(1);
    for ended in [&given.credentials, &further] {
        assert_eq!(house.recognise(ended).await.map(|_| ()), Err(AuthenticationError::Revoked));
    }
    assert!(house.kit.authority.standing(&principal).is_err(), "one that was recognised before");
    let refused = house.deliver(asking(&row.id, &own, house.kit.now())).await;
    assert_eq!(refused.map(|_| ()), Err("machine-revoked"));
    let portal = house.kit.portal().await;
    assert!(house.kit.authority.standing(&portal).is_ok(), "what is no machine's goes on");
}
