//! A description as `estate.toml`, with everything written out that was left to us.

use std::fmt::Write as _;

use wh_policy::rails::{Expectation, Rail};

use super::{
    AdminScope, BucketDescription, Description, LockMode, ObjectLock, SessionTags, Target,
};

/// A text in TOML's quotes.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn listed<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

struct Lines(String);

impl Lines {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn pair(&mut self, key: &str, value: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        if writeln!(self.0, "{key} = {value}").is_err() {
            self.0.push('\n');
        }
    }
}

pub(super) fn write(description: &Description) -> String {
    let mut out = Lines(String::new());
    head(&mut out, description);
    for bucket in &description.buckets {
        write_bucket(&mut out, bucket);
    }
    if let Some(logs) = &description.logs {
        out.line("\n[logs]");
        out.pair("name", quoted(logs.name.as_str()));
        out.pair("keep_days", logs.keep_days);
    } else if description.target == Target::Aws {
        out.line("\n[logs]\nenabled = false");
    }
    if let Some(trail) = &description.trail {
        out.line("\n[trail]");
        out.pair("name", quoted(&trail.name));
    } else if description.target == Target::Aws {
        out.line("\n[trail]\nenabled = false");
    }
    for (role, document) in &description.policies {
        out.line("\n[[policy]]");
        out.pair("role", quoted(role));
        out.pair("document", quoted(document));
    }
    description.rails.iter().for_each(|rail| write_rail(&mut out, rail));
    description.expectations.iter().for_each(|one| write_expectation(&mut out, one));
    out.0
}

fn write_rail(out: &mut Lines, rail: &Rail) {
    out.line("\n[[rail]]");
    out.pair("name", quoted(&rail.name));
    if !rail.why.is_empty() {
        out.pair("why", quoted(&rail.why));
    }
    let lists = [
        ("who", &rail.who),
        ("except", &rail.except),
        ("never", &rail.never),
        ("on", &rail.on),
        ("except_on", &rail.except_on),
    ];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        out.pair(key, listed(list));
    }
}

fn write_expectation(out: &mut Lines, one: &Expectation) {
    out.line("\n[[expect]]");
    out.pair("name", quoted(&one.name));
    if let Some(role) = &one.role {
        out.pair("role", quoted(role));
    }
    out.pair("action", quoted(&one.action));
    out.pair("on", quoted(&one.on));
    out.pair("decision", quoted(if one.allowed { "allow" } else { "deny" }));
    if !one.context.is_empty() {
        let keys = one.context.iter();
        let pairs: Vec<String> =
            keys.map(|(key, value)| format!("{} = {}", quoted(key), quoted(value))).collect();
        out.pair("context", format!("{{ {} }}", pairs.join(", ")));
    }
}

fn head(out: &mut Lines, description: &Description) {
    out.pair("version", 1);
    out.pair("installation", quoted(&description.installation));
    out.pair("account", quoted(description.account.as_str()));
    out.pair("region", quoted(description.region.as_str()));
    let target = match description.target {
        Target::Aws => "aws",
        Target::Embedded => "embedded",
    };
    out.pair("target", quoted(target));
    out.pair("portal_origins", listed(&description.portal_origins));
    out.pair("portal_runs_on", quoted(description.portal_host.as_str()));
    let scope = match description.admin_scope {
        AdminScope::Buckets => "buckets",
        AdminScope::Account => "account",
    };
    out.pair("admin_scope", quoted(scope));
    let tags = match description.session_tags {
        SessionTags::OnlyUid => "only-uid",
        SessionTags::Any => "any",
    };
    out.pair("session_tags", quoted(tags));
    if let Some(serving) = description.scan {
        out.pair("scan", quoted(serving.as_str()));
    }
    if let Some(id) = &description.external_id {
        out.pair("external_id", quoted(id));
    }
    if !description.standard_rails {
        out.pair("standard_rails", false);
    }
    match &description.key {
        Some(key) => {
            out.pair("encryption", quoted("kms"));
            out.pair("key_alias", quoted(&key.alias));
        }
        None => out.pair("encryption", quoted("s3")),
    }
    if description.target == Target::Aws {
        out.pair("block_public_access_of_account", description.block_account);
    }
    if !description.tags.is_empty() {
        out.line("\n[tags]");
        for (key, value) in &description.tags {
            out.pair(&quoted(key), quoted(value));
        }
    }
}

fn write_bucket(out: &mut Lines, bucket: &BucketDescription) {
    out.line("\n[[bucket]]");
    out.pair("name", quoted(bucket.name.as_str()));
    out.pair("data_class", quoted(&bucket.data_class));
    if let Some(prefix) = &bucket.instance_prefix {
        out.pair("instance_prefix", quoted(prefix.as_str()));
    }
    out.pair("presign_max_seconds", bucket.presign_seconds_max);
    if let Some(tls) = bucket.tls {
        out.pair("tls_min", quoted(tls.as_str()));
    }
    if !bucket.denied_uids.is_empty() {
        out.pair("denied_uids", listed(bucket.denied_uids.iter().map(wh_names::Uid::as_str)));
    }
    out.line("\n[bucket.lifecycle]");
    let lifecycle = &bucket.lifecycle;
    out.pair("abort_uploads_days", lifecycle.abort_uploads_days);
    out.pair("old_version_days", lifecycle.old_version_days);
    out.pair("old_versions_kept", lifecycle.old_versions_kept);
    if let Some(days) = lifecycle.tiering_days {
        out.pair("intelligent_tiering_days", days);
    }
    let Some(ObjectLock { retention }) = bucket.lock else { return };
    out.line("\n[bucket.object_lock]");
    if let Some(retention) = retention {
        match retention.mode {
            LockMode::Governance => out.pair("mode", quoted("governance")),
            LockMode::Compliance => {
                out.pair("mode", quoted("compliance"));
                out.pair("irreversible", quoted(super::read::IRREVERSIBLE));
            }
        }
        out.pair("days", retention.days);
    }
}
