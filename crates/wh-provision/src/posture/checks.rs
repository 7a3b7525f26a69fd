//! The table of checks: ids, which are never renamed, meanings, and the ids that standards have for the same.
//!
//! Sources: Security Hub User Guide, "Security Hub controls reference"; Center for Internet Security, "Amazon
//! Web Services Foundations Benchmark", version 3.0.0, as Security Hub maps its controls to it. What they ask of users of IAM
//! is asked of persons here, and marked so.

/// Words in the languages that the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// German.
    pub de: &'static str,
}

/// What a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Buckets and what lies in them.
    Bucket,
    /// Roles and policies.
    Roles,
    /// Persons and what they carry.
    People,
    /// The installation itself.
    House,
}

impl Area {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Bucket, Self::Roles, Self::People, Self::House];

    /// As it stands in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Roles => "roles",
            Self::People => "people",
            Self::House => "house",
        }
    }
}

/// What a standard calls the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standard {
    /// The standard and its id: `Security Hub S3.8`.
    pub id: &'static str,
    /// It asks this of something else, such as users of IAM, in the place of persons.
    pub likewise: bool,
}

/// What to do where a check fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix {
    /// In words, as an imperative clause.
    pub words: Words,
    /// The page of the portal that does it.
    pub page: Option<&'static str>,
    /// The command that does it.
    pub command: Option<&'static str>,
}

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Its id, which is never renamed.
    pub id: &'static str,
    /// What it is about.
    pub area: Area,
    /// What holds where it holds.
    pub title: Words,
    /// What that is good for.
    pub means: Words,
    /// What standards call the same.
    pub standards: &'static [Standard],
    /// What to do where it fails.
    pub fix: Fix,
}

/// The check of an id.
pub fn check(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}

const fn same(id: &'static str) -> Standard {
    Standard { id, likewise: false }
}

const fn likewise(id: &'static str) -> Standard {
    Standard { id, likewise: true }
}

/// Every check, in the order in which they are shown.
pub const CHECKS: &[Check] = &[
    Check {
        id: "public-access-blocked",
        area: Area::Bucket,
        title: Words {
            en: "Public access to the buckets is blocked",
            de: "Öffentlicher Zugriff auf die Buckets ist gesperrt",
        },
        means: Words {
            en: "All four switches of Block Public Access are on: no policy and no access control list can open a bucket to everybody, by mistake or not.",
            de: "Alle vier Schalter von „Block Public Access“ sind an: Keine Richtlinie und keine Zugriffsliste kann einen Bucket für alle öffnen, auch nicht aus Versehen.",
        },
        standards: &[same("Security Hub S3.8"), same("CIS AWS Foundations 3.0.0 2.1.4")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "account-public-access-blocked",
        area: Area::Bucket,
        title: Words {
            en: "Public access is blocked for the whole account",
            de: "Öffentlicher Zugriff ist für das ganze Konto gesperrt",
        },
        means: Words {
            en: "The same four switches for the account: they also hold for buckets that somebody makes tomorrow.",
            de: "Dieselben vier Schalter für das Konto: Sie gelten auch für Buckets, die jemand morgen anlegt.",
        },
        standards: &[same("Security Hub S3.1"), same("CIS AWS Foundations 3.0.0 2.1.4")],
        fix: Fix {
            words: Words {
                en: "Write block_public_access_of_account = true into the estate's description, and make it so",
                de: "block_public_access_of_account = true in die Beschreibung der Anlage schreiben und sie anwenden",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "no-public-policy",
        area: Area::Bucket,
        title: Words {
            en: "No bucket policy lets in everybody",
            de: "Keine Bucket-Richtlinie lässt alle herein",
        },
        means: Words {
            en: "The policy that the store holds now allows nobody who is not named.",
            de: "Die Richtlinie, die der Speicher jetzt hat, erlaubt niemandem etwas, der nicht benannt ist.",
        },
        standards: &[same("Security Hub S3.2"), same("Security Hub S3.3")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "no-foreign-statements",
        area: Area::Bucket,
        title: Words {
            en: "Nobody else has written into the bucket policies",
            de: "Niemand sonst hat in die Bucket-Richtlinien geschrieben",
        },
        means: Words {
            en: "A statement that is not described is kept, and may open what it says: also to another account.",
            de: "Eine Anweisung, die nicht beschrieben ist, bleibt stehen und kann öffnen, was sie sagt: auch für ein anderes Konto.",
        },
        standards: &[same("Security Hub S3.6")],
        fix: Fix {
            words: Words {
                en: "Describe the statement, or take away what is others'",
                de: "Die Anweisung beschreiben oder wegnehmen, was anderen gehört",
            },
            page: None,
            command: Some("wellhouse plan --own-all && wellhouse apply --own-all"),
        },
    },
    Check {
        id: "tls-only",
        area: Area::Bucket,
        title: Words {
            en: "Only encrypted connections reach the buckets",
            de: "Nur verschlüsselte Verbindungen erreichen die Buckets",
        },
        means: Words {
            en: "Who asks in plain HTTP is refused, whoever it is. It is proved of the bucket policy for all requests, or no door speaks plain HTTP to other machines.",
            de: "Wer unverschlüsselt fragt, wird abgewiesen, wer es auch ist. Das ist an der Bucket-Richtlinie für alle Anfragen bewiesen, oder keine Tür spricht unverschlüsselt mit anderen Rechnern.",
        },
        standards: &[same("Security Hub S3.5"), same("CIS AWS Foundations 3.0.0 2.1.1")],
        fix: Fix {
            words: Words {
                en: "Give the bucket `tls_min = \"1.2\"` in the estate's description, or the S3 door a certificate (`s3.tls`)",
                de: "Dem Bucket in der Beschreibung der Anlage `tls_min = \"1.2\"` geben oder der S3-Tür ein Zertifikat (`s3.tls`)",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "encrypted-at-rest",
        area: Area::Bucket,
        title: Words {
            en: "What is stored is encrypted",
            de: "Was gespeichert ist, ist verschlüsselt",
        },
        means: Words {
            en: "Objects that say nothing of it are encrypted by the bucket's setting: on AWS under a key of your own in KMS, on the embedded store under its master keys.",
            de: "Objekte, die nichts dazu sagen, werden durch die Einstellung des Buckets verschlüsselt: bei AWS unter einem eigenen Schlüssel in KMS, im eingebauten Speicher unter seinen Hauptschlüsseln.",
        },
        standards: &[same("Security Hub S3.17")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "key-rotated",
        area: Area::Bucket,
        title: Words {
            en: "The key in KMS is made anew every year",
            de: "Der Schlüssel in KMS wird jedes Jahr erneuert",
        },
        means: Words {
            en: "What was encrypted before stays readable; what is new is under new material.",
            de: "Was vorher verschlüsselt wurde, bleibt lesbar; was neu ist, liegt unter neuem Material.",
        },
        standards: &[same("Security Hub KMS.4"), same("CIS AWS Foundations 3.0.0 3.6")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "versioning",
        area: Area::Bucket,
        title: Words { en: "Old versions are kept", de: "Alte Versionen bleiben erhalten" },
        means: Words {
            en: "What is deleted or overwritten, by mistake or by malware, can be brought back.",
            de: "Was gelöscht oder überschrieben wird, aus Versehen oder durch Schadsoftware, lässt sich zurückholen.",
        },
        standards: &[same("Security Hub S3.14")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "acls-off",
        area: Area::Bucket,
        title: Words { en: "Access control lists are off", de: "Zugriffslisten sind aus" },
        means: Words {
            en: "Only policies decide. A list at an object would be a second place that grants access, which no page here shows.",
            de: "Nur Richtlinien entscheiden. Eine Liste an einem Objekt wäre ein zweiter Ort, der Zugriff gibt und den hier keine Seite zeigt.",
        },
        standards: &[same("Security Hub S3.12")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "lifecycle",
        area: Area::Bucket,
        title: Words {
            en: "Unfinished uploads and old versions are cleared away",
            de: "Unfertige Uploads und alte Versionen werden weggeräumt",
        },
        means: Words {
            en: "Parts of uploads that nobody goes on with are seen by nobody, cost money, and may hold what was to be deleted.",
            de: "Teile von Uploads, die niemand fortsetzt, sieht niemand; sie kosten Geld und können enthalten, was gelöscht sein soll.",
        },
        standards: &[same("Security Hub S3.13")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "signed-links-end",
        area: Area::Bucket,
        title: Words { en: "Signed links end soon", de: "Signierte Links enden bald" },
        means: Words {
            en: "A link that was signed longer ago than described opens nothing, whoever signed it and whatever it says itself. It is proved of the bucket policy for all requests; described may be an hour at most.",
            de: "Ein Link, der vor längerer Zeit signiert wurde als beschrieben, öffnet nichts, wer ihn auch signiert hat und was er selbst auch sagt. Das ist an der Bucket-Richtlinie für alle Anfragen bewiesen; beschrieben sein darf höchstens eine Stunde.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "access-logs",
        area: Area::Bucket,
        title: Words {
            en: "Access to the buckets is logged",
            de: "Zugriffe auf die Buckets werden aufgezeichnet",
        },
        means: Words {
            en: "Who asked for what is written to another bucket, where it can be read after an incident.",
            de: "Wer was verlangt hat, wird in einen anderen Bucket geschrieben und lässt sich nach einem Vorfall lesen.",
        },
        standards: &[same("Security Hub S3.9")],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "trail",
        area: Area::Bucket,
        title: Words {
            en: "A trail records every read and write",
            de: "Ein Trail zeichnet jedes Lesen und Schreiben auf",
        },
        means: Words {
            en: "CloudTrail writes down each read and write of an object, from all regions, and seals what it writes.",
            de: "CloudTrail schreibt jedes Lesen und Schreiben eines Objekts aus allen Regionen auf und versiegelt, was es schreibt.",
        },
        standards: &[
            same("Security Hub S3.22"),
            same("Security Hub S3.23"),
            same("Security Hub CloudTrail.4"),
            same("CIS AWS Foundations 3.0.0 3.8"),
            same("CIS AWS Foundations 3.0.0 3.9"),
        ],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "no-drift",
        area: Area::Roles,
        title: Words {
            en: "The store is as it is described",
            de: "Der Speicher ist, wie er beschrieben ist",
        },
        means: Words {
            en: "Buckets, roles and policies were read back and compared with the description and with what administrators saved. What somebody changed by hand stands here.",
            de: "Buckets, Rollen und Richtlinien wurden zurückgelesen und mit der Beschreibung und dem verglichen, was Administratoren gespeichert haben. Was jemand von Hand geändert hat, steht hier.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "roles-bounded",
        area: Area::Roles,
        title: Words { en: "Every role is bounded", de: "Jede Rolle ist begrenzt" },
        means: Words {
            en: "Whatever is written into a role, it cannot do more than its boundary lets it.",
            de: "Was auch immer in eine Rolle geschrieben wird: Mehr, als ihre Grenze zulässt, kann sie nicht.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "See what is to be changed, and make it so",
                de: "Ansehen, was zu ändern ist, und es so machen",
            },
            page: None,
            command: Some("wellhouse plan && wellhouse apply"),
        },
    },
    Check {
        id: "no-wide-statements",
        area: Area::Roles,
        title: Words {
            en: "No statement lets in more than it seems",
            de: "Keine Anweisung lässt mehr zu, als es scheint",
        },
        means: Words {
            en: "The linter of policies looked at every policy of every role as the store holds it, and at whom each role trusts. No managed policy is attached.",
            de: "Der Prüfer für Richtlinien hat jede Richtlinie jeder Rolle angesehen, wie der Speicher sie hat, und wem jede Rolle vertraut. Keine verwaltete Richtlinie ist angehängt.",
        },
        standards: &[
            same("Security Hub IAM.1"),
            same("Security Hub IAM.21"),
            same("CIS AWS Foundations 3.0.0 1.16"),
        ],
        fix: Fix {
            words: Words {
                en: "Change the role's permissions, or make the store as described",
                de: "Die Rechte der Rolle ändern oder den Speicher machen, wie er beschrieben ist",
            },
            page: Some("/roles"),
            command: Some("wellhouse policy prove"),
        },
    },
    Check {
        id: "guard-rails",
        area: Area::Roles,
        title: Words { en: "Every guard rail is proved", de: "Jede Leitplanke ist bewiesen" },
        means: Words {
            en: "What must never be allowed is proved for all requests, and what must be as it is was tried. An estate without guard rails fails.",
            de: "Was nie erlaubt sein darf, ist für alle Anfragen bewiesen, und was so sein muss, wie es ist, wurde geprüft. Eine Anlage ohne Leitplanken fällt durch.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "Change the role's permissions, or make the store as described",
                de: "Die Rechte der Rolle ändern oder den Speicher machen, wie er beschrieben ist",
            },
            page: Some("/roles"),
            command: Some("wellhouse policy prove"),
        },
    },
    Check {
        id: "administrators-second-factor",
        area: Area::People,
        title: Words {
            en: "Every administrator has a second factor",
            de: "Jeder Administrator hat einen zweiten Faktor",
        },
        means: Words {
            en: "Whoever learns the password of an administrator without a second factor is one.",
            de: "Wer das Passwort eines Administrators ohne zweiten Faktor erfährt, ist einer.",
        },
        standards: &[likewise("Security Hub IAM.5"), likewise("CIS AWS Foundations 3.0.0 1.10")],
        fix: Fix {
            words: Words {
                en: "Have them set up two-step sign-in, or take the role of administrators away",
                de: "Sie die Anmeldung in zwei Schritten einrichten lassen oder ihnen die Verwaltung nehmen",
            },
            page: Some("/people"),
            command: None,
        },
    },
    Check {
        id: "second-factor-demanded",
        area: Area::People,
        title: Words {
            en: "A second factor is demanded of administrators",
            de: "Von Administratoren wird ein zweiter Faktor verlangt",
        },
        means: Words {
            en: "Without one they administer nothing.",
            de: "Ohne ihn verwalten sie nichts.",
        },
        standards: &[likewise("Security Hub IAM.5")],
        fix: Fix {
            words: Words {
                en: "Set `people.administrators_need_second_factor = true` in the configuration, and start the server again",
                de: "`people.administrators_need_second_factor = true` in der Konfiguration setzen und den Server neu starten",
            },
            page: None,
            command: None,
        },
    },
    Check {
        id: "no-unused-persons",
        area: Area::People,
        title: Words { en: "Everybody who may come in does", de: "Wer herein darf, kommt auch" },
        means: Words {
            en: "Who has not signed in and used no token or key for long is active all the same. An account that nobody misses is one that nobody watches.",
            de: "Wer sich lange nicht angemeldet und weder Token noch Schlüssel benutzt hat, ist trotzdem aktiv. Ein Konto, das niemand vermisst, beobachtet auch niemand.",
        },
        standards: &[likewise("Security Hub IAM.8")],
        fix: Fix {
            words: Words {
                en: "Disable the person, or end the key or token",
                de: "Die Person sperren oder den Schlüssel oder das Token beenden",
            },
            page: Some("/people"),
            command: None,
        },
    },
    Check {
        id: "no-unused-keys",
        area: Area::People,
        title: Words { en: "Access keys are used", de: "Zugriffsschlüssel werden benutzt" },
        means: Words {
            en: "A key that was not used for long opens what it opened, wherever it was left.",
            de: "Ein Schlüssel, der lange nicht benutzt wurde, öffnet, was er öffnete, wo er auch liegen geblieben ist.",
        },
        standards: &[likewise("Security Hub IAM.8")],
        fix: Fix {
            words: Words {
                en: "Disable the person, or end the key or token",
                de: "Die Person sperren oder den Schlüssel oder das Token beenden",
            },
            page: Some("/people"),
            command: None,
        },
    },
    Check {
        id: "keys-end",
        area: Area::People,
        title: Words {
            en: "Access keys do not live long",
            de: "Zugriffsschlüssel leben nicht lange",
        },
        means: Words {
            en: "A key that ends late can be misused for as long.",
            de: "Ein Schlüssel, der spät endet, kann so lange missbraucht werden.",
        },
        standards: &[likewise("Security Hub IAM.3"), likewise("CIS AWS Foundations 3.0.0 1.14")],
        fix: Fix {
            words: Words {
                en: "Disable the person, or end the key or token",
                de: "Die Person sperren oder den Schlüssel oder das Token beenden",
            },
            page: Some("/people"),
            command: None,
        },
    },
    Check {
        id: "no-unused-tokens",
        area: Area::People,
        title: Words { en: "API tokens are used", de: "API-Token werden benutzt" },
        means: Words {
            en: "A token that was not used for long opens what it opened, wherever it was left.",
            de: "Ein Token, das lange nicht benutzt wurde, öffnet, was es öffnete, wo es auch liegen geblieben ist.",
        },
        standards: &[likewise("Security Hub IAM.8")],
        fix: Fix {
            words: Words {
                en: "Disable the person, or end the key or token",
                de: "Die Person sperren oder den Schlüssel oder das Token beenden",
            },
            page: Some("/people"),
            command: None,
        },
    },
    Check {
        id: "tokens-end",
        area: Area::People,
        title: Words { en: "API tokens do not live long", de: "API-Token leben nicht lange" },
        means: Words {
            en: "Every token ends. One that ends late can be misused for as long.",
            de: "Jedes Token endet. Eines, das spät endet, kann so lange missbraucht werden.",
        },
        standards: &[likewise("Security Hub IAM.3")],
        fix: Fix {
            words: Words {
                en: "Disable the person, or end the key or token",
                de: "Die Person sperren oder den Schlüssel oder das Token beenden",
            },
            page: Some("/people"),
            command: None,
        },
    },
    Check {
        id: "links-end",
        area: Area::People,
        title: Words {
            en: "Shared links and file requests end",
            de: "Geteilte Links und Dateianfragen enden",
        },
        means: Words {
            en: "A link without an end opens to whoever comes by its address, for as long as its person may read what it opens and nobody remembers it; a file request without one takes files as long.",
            de: "Ein Link ohne Ende öffnet allen, die an seine Adresse kommen, solange seine Person lesen darf, was er öffnet, und niemand mehr an ihn denkt; eine Dateianfrage ohne Ende nimmt ebenso lange Dateien an.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "Revoke it, or set how many days links and file requests may live",
                de: "Widerrufen, oder festlegen, wie viele Tage Links und Dateianfragen leben dürfen",
            },
            page: Some("/all-links"),
            command: None,
        },
    },
    Check {
        id: "registration-not-open",
        area: Area::People,
        title: Words { en: "Not everybody may register", de: "Nicht jeder darf sich registrieren" },
        means: Words {
            en: "Where registration is open, whoever reaches the sign-in page lets themselves in, with what everybody may do.",
            de: "Wo die Registrierung offen ist, lässt sich selbst herein, wer die Anmeldeseite erreicht, mit allem, was alle dürfen.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "Choose another way in, such as by approval or invitation",
                de: "Einen anderen Weg herein wählen, etwa mit Freigabe oder Einladung",
            },
            page: Some("/settings"),
            command: None,
        },
    },
    Check {
        id: "malware-scan",
        area: Area::House,
        title: Words {
            en: "Files are scanned for malware",
            de: "Dateien werden auf Schadsoftware geprüft",
        },
        means: Words {
            en: "What is uploaded is scanned, and what is infected is held back by the store.",
            de: "Was hochgeladen wird, wird geprüft, und was befallen ist, hält der Speicher zurück.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "Set `scan.clamd` or `scan.icap` in the configuration, and start the server again",
                de: "`scan.clamd` oder `scan.icap` in der Konfiguration setzen und den Server neu starten",
            },
            page: None,
            command: None,
        },
    },
    Check {
        id: "audit-whole",
        area: Area::House,
        title: Words { en: "The audit log is whole", de: "Das Protokoll ist unversehrt" },
        means: Words {
            en: "Every line is chained to the one before. Nobody changed one, took one out or put one in.",
            de: "Jede Zeile ist mit der davor verkettet. Niemand hat eine geändert, herausgenommen oder eingefügt.",
        },
        standards: &[likewise("Security Hub CloudTrail.4")],
        fix: Fix {
            words: Words {
                en: "See what the audit log says of itself, and check it",
                de: "Ansehen, was das Protokoll über sich sagt, und es prüfen",
            },
            page: Some("/audit"),
            command: Some("wellhouse audit verify"),
        },
    },
    Check {
        id: "audit-signed",
        area: Area::House,
        title: Words { en: "The audit log is signed", de: "Das Protokoll ist signiert" },
        means: Words {
            en: "Checkpoints sign how far the log reaches: without a young one, its end could be cut off unseen.",
            de: "Kontrollpunkte signieren, wie weit das Protokoll reicht: Ohne einen jungen ließe sich sein Ende unbemerkt abschneiden.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "See what the audit log says of itself, and check it",
                de: "Ansehen, was das Protokoll über sich sagt, und es prüfen",
            },
            page: Some("/audit"),
            command: Some("wellhouse audit verify"),
        },
    },
    Check {
        id: "house-keys-young",
        area: Area::House,
        title: Words {
            en: "The house's own keys are not too old",
            de: "Die eigenen Schlüssel des Hauses sind nicht zu alt",
        },
        means: Words {
            en: "The keys that seal sessions and secrets, and the one that signs the audit log, are rotated every two years.",
            de: "Die Schlüssel, die Sitzungen und Geheimnisse versiegeln, und der, der das Protokoll signiert, werden alle zwei Jahre erneuert.",
        },
        standards: &[],
        fix: Fix {
            words: Words { en: "Rotate them", de: "Sie erneuern" },
            page: None,
            command: Some("wellhouse keys rotate"),
        },
    },
    Check {
        id: "data-folder-private",
        area: Area::House,
        title: Words {
            en: "Nobody else reads the data folder",
            de: "Niemand sonst liest den Datenordner",
        },
        means: Words {
            en: "The folder and the files of secrets in it belong to the server alone.",
            de: "Der Ordner und die Dateien mit Geheimnissen darin gehören dem Server allein.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "See what is open, and close it",
                de: "Ansehen, was offen ist, und es schließen",
            },
            page: None,
            command: Some("wellhouse doctor"),
        },
    },
    Check {
        id: "backup-young",
        area: Area::House,
        title: Words { en: "There is a young backup", de: "Es gibt ein junges Backup" },
        means: Words {
            en: "The last backup that this program made is not too old. Backups that other programs make are not known here.",
            de: "Das letzte Backup, das dieses Programm gemacht hat, ist nicht zu alt. Backups anderer Programme sind hier nicht bekannt.",
        },
        standards: &[],
        fix: Fix {
            words: Words {
                en: "Make a backup, and have it made again and again",
                de: "Ein Backup machen und immer wieder machen lassen",
            },
            page: None,
            command: Some("wellhouse backup --to PLACE"),
        },
    },
];
