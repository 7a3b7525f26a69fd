//! What the ledger promises about machines, on each engine.

use jiff::{SignedDuration, Timestamp};
use wh_names::{InstanceId, Secret, SecretDigest};

use super::{House, at};
use crate::*;

fn record(second: i64, operation: &str) -> AuditRecord {
    AuditRecord {
        at: at(second),
        kind: AuditKind::Intent,
        request_id: "1".to_owned(),
        operation: operation.to_owned(),
        action: format!("wellhouse:{operation}"),
        resource: "machine/camera".to_owned(),
        principal: "operator".to_owned(),
        source_identity: None,
        source_ip: None,
        detail: None,
    }
}

fn asked(at: Timestamp) -> MachineUse {
    MachineUse { at, ip: Some("192.0.2.7".to_owned()) }
}

impl House {
    fn invitation(&self, name: &str) -> MachineInvitation {
        MachineInvitation {
            id: InstanceId::generate(&self.entropy),
            name: name.to_owned(),
            profile: "EC2UploadRole".to_owned(),
            token: Secret::random(&self.entropy).digest(),
            token_expires_at: at(3600),
        }
    }

    async fn invite(&self, invited: &MachineInvitation) -> bool {
        let record = record(0, "InviteMachine");
        self.ledger.invite_machine(invited, &record).await.expect("written")
    }

    async fn enrol(&self, token: SecretDigest, key: u8, second: i64) -> bool {
        let key = MachineKey { public_key: [key; 32], at: at(second) };
        let enrolment = MachineEnrolment { token, key, asked: asked(at(second)) };
        let record = record(second, "EnrolMachine");
        self.ledger.enrol_machine(&enrolment, &record).await.expect("written")
    }

    async fn ask(&self, id: &InstanceId, time: Timestamp) -> bool {
        let record = record(40, "DeliverCredentials");
        self.ledger.take_machine_request(id, &asked(time), &record).await.expect("written")
    }

    async fn machine(&self, id: &InstanceId) -> MachineRow {
        self.ledger.machine(id).await.expect("read").expect("a machine")
    }

    async fn operations(&self) -> Vec<String> {
        let trail = self.ledger.audit_recent(None, 100).await.expect("read");
        trail.into_iter().rev().map(|entry| entry.record.operation).collect()
    }
}

#[tokio::test]
async fn a_token_brings_in_one_machine_once_and_in_time() {
    for mut house in House::of_each_engine().await {
        let (camera, scanner) = (house.invitation("camera"), house.invitation("scanner"));
        assert!(house.invite(&camera).await && house.invite(&scanner).await);
        assert!(
            !house.enrol(Secret::random(&house.entropy).digest(), 1, 10).await,
            "a made-up one"
        );
        assert!(!house.enrol(camera.token, 1, 3600).await, "too late");
        assert!(house.enrol(camera.token, 1, 10).await);
        assert!(!house.enrol(camera.token, 2, 11).await, "spent");
        house.reopen().await;
        let row = house.machine(&camera.id).await;
        assert_eq!(row.enrolled, Some(MachineKey { public_key: [1; 32], at: at(10) }));
        assert_eq!((row.asked, row.revoked_at), (Some(asked(at(10))), None));
        let of_token = house.ledger.machine_of_token(&scanner.token).await.expect("read");
        let of_token = of_token.expect("a machine");
        assert_eq!((of_token.id, of_token.enrolled, of_token.asked), (scanner.id, None, None));
        assert_eq!(
            house.operations().await,
            ["InviteMachine", "InviteMachine", "EnrolMachine"],
            "what was refused is in no trail of what was done"
        );
    }
}

#[tokio::test]
async fn a_name_is_given_again_once_nobody_has_it() {
    for house in House::of_each_engine().await {
        let (first, second) = (house.invitation("camera"), house.invitation("camera"));
        assert!(house.invite(&first).await && house.invite(&second).await);
        assert!(!house.enrol(first.token, 1, 10).await, "a newer token took its place");
        assert!(house.enrol(second.token, 1, 10).await);
        let third = house.invitation("camera");
        assert!(!house.invite(&third).await, "it is enrolled");
        let revoke = record(20, "RevokeMachine");
        assert!(house.ledger.revoke_machine(&second.id, &revoke).await.expect("written"));
        assert!(house.invite(&third).await);
        let all = house.ledger.machines().await.expect("read");
        let all: Vec<_> = all.iter().map(|row| (row.id.clone(), row.revoked_at)).collect();
        assert_eq!(all.len(), 2);
        assert!(all.contains(&(second.id, Some(at(20)))) && all.contains(&(third.id, None)));
    }
}

#[tokio::test]
async fn a_request_counts_once_and_none_after_the_end() {
    for house in House::of_each_engine().await {
        let camera = house.invitation("camera");
        assert!(house.invite(&camera).await);
        assert!(!house.ask(&camera.id, at(5)).await, "it is only invited");
        assert!(house.enrol(camera.token, 1, 10).await);
        let later = at(10) + SignedDuration::from_millis(1);
        assert!(!house.ask(&camera.id, at(10)).await, "the time of its enrolment");
        assert!(house.ask(&camera.id, later).await);
        assert!(!house.ask(&camera.id, later).await, "the same again");
        let revoke = record(20, "RevokeMachine");
        assert!(house.ledger.revoke_machine(&camera.id, &revoke).await.expect("written"));
        assert!(!house.ledger.revoke_machine(&camera.id, &revoke).await.expect("written"));
        assert!(!house.ask(&camera.id, at(30)).await, "it has ended");
        let invited = house.invitation("scanner");
        assert!(house.invite(&invited).await);
        assert!(house.ledger.revoke_machine(&invited.id, &revoke).await.expect("written"));
        assert!(!house.enrol(invited.token, 1, 30).await, "its token went with it");
        let unknown = InstanceId::generate(&house.entropy);
        assert!(!house.ledger.revoke_machine(&unknown, &revoke).await.expect("written"));
    }
}

#[tokio::test]
async fn machines_that_ended_long_ago_are_forgotten_and_no_others() {
    for house in House::of_each_engine().await {
        let names = ["enrolled", "revoked", "lately", "invited"];
        let [enrolled, revoked, lately, invited] = names.map(|name| house.invitation(name));
        for invitation in [&enrolled, &revoked, &lately, &invited] {
            assert!(house.invite(invitation).await);
        }
        for (invitation, key) in [(&enrolled, 1), (&revoked, 2), (&lately, 3)] {
            assert!(house.enrol(invitation.token, key, 10).await);
        }
        for (invitation, second) in [(&revoked, 20), (&lately, 9000)] {
            let record = record(second, "RevokeMachine");
            assert!(house.ledger.revoke_machine(&invitation.id, &record).await.expect("written"));
        }
        let left = async || -> Vec<String> {
            let rows = house.ledger.machines().await.expect("read");
            rows.into_iter().map(|row| row.name).collect()
        };
        assert_eq!(house.ledger.sweep_machines(at(20)).await.expect("swept"), 0);
        assert_eq!(house.ledger.sweep_machines(at(21)).await.expect("swept"), 1);
        assert_eq!(left().await, ["enrolled", "invited", "lately"]);
        assert_eq!(house.ledger.sweep_machines(at(3601)).await.expect("swept"), 1);
        assert_eq!(left().await, ["enrolled", "lately"], "its invitation had expired");
    }
}
