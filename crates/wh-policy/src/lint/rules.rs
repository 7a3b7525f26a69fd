//! Every rule of the linter, with its stable code. `docs/policy-lint.md` is printed from this table.

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It is not a policy: IAM or S3 refuses it.
    Error,
    /// It lets in more than one would think.
    Security,
    /// It does not do what it seems to say.
    Warning,
    /// It could be said better.
    Suggestion,
}

impl Severity {
    /// The word in output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Security => "security",
            Self::Warning => "warning",
            Self::Suggestion => "suggestion",
        }
    }
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its code, which is never renamed.
    pub code: &'static str,
    /// How much a breach matters.
    pub severity: Severity,
    /// What is found, as a clause.
    pub means: &'static str,
    /// Why it is looked for.
    pub why: &'static str,
}

/// Writes the table: one constant a rule, and the list of all.
macro_rules! rules {
    ($($name:ident: $code:literal, $severity:ident, $means:literal, $why:literal;)*) => {
        $(pub(super) static $name: Rule =
            Rule { code: $code, severity: Severity::$severity, means: $means, why: $why };)*

        /// Every rule, errors first.
        pub static RULES: &[&Rule] = &[$(&$name,)*];
    };
}

rules! {
    SYNTAX: "policy-syntax", Error,
        "the text is not JSON",
        "Nothing else can be said about it.";
    DUPLICATE_KEY: "policy-duplicate-key", Error,
        "a key occurs twice, or two condition keys differ only in case",
        "Most readers keep one of the two and say nothing; IAM refuses both.";
    UNKNOWN_ELEMENT: "policy-unknown-element", Error,
        "an element that the grammar does not have",
        "Element names are case-sensitive: `action` is not `Action`.";
    MISSING_ELEMENT: "policy-missing-element", Error,
        "a required element is not there, or its list is empty",
        "A statement needs an effect, actions, and what its kind of policy demands.";
    FORBIDDEN_ELEMENT: "policy-forbidden-element", Error,
        "an element that has no place here",
        "Principals stand in resource policies only, `Resource` never in trust policies, and of \
         `Action` and `NotAction` a statement has one.";
    WRONG_TYPE: "policy-wrong-type", Error,
        "a value of the wrong JSON type",
        "A list where a text belongs, or the like.";
    INVALID_VALUE: "policy-invalid-value", Error,
        "a value that breaks the rule of its element",
        "Malformed ARNs, actions, dates, numbers, addresses, principals, Sids.";
    UNKNOWN_OPERATOR: "policy-unknown-operator", Error,
        "a condition operator that IAM does not have",
        "IAM refuses it. An engine that skipped it would open what it was to close.";
    NULL_IF_EXISTS: "null-if-exists", Error,
        "`NullIfExists`",
        "`Null` asks whether a key is there; `IfExists` says not to ask.";
    ALLOW_NOT_PRINCIPAL: "allow-not-principal", Error,
        "`NotPrincipal` beside `Allow`",
        "It allows everyone else, the anonymous included.";
    TOO_LARGE: "policy-too-large", Error,
        "the document is larger than its kind may be",
        "IAM and S3 refuse it. IAM does not count white space outside of strings; STS and S3 do.";
    LIST_ON_OBJECT: "list-bucket-on-object-arn", Warning,
        "an action on buckets, such as `s3:ListBucket`, on nothing but objects",
        "The statement never applies to the action: a bucket is `arn:aws:s3:::bkt`, without `/*`. \
         In a bucket policy S3 refuses it.";
    OBJECT_ON_BUCKET: "object-action-on-bucket-arn", Warning,
        "an action on objects, such as `s3:GetObject`, on nothing but buckets",
        "The statement never applies to the action: objects are `arn:aws:s3:::bkt/*`. In a bucket \
         policy S3 refuses it.";
    TARGET_MISMATCH: "action-resource-mismatch", Warning,
        "an action on resources of which none is of a type that it acts on",
        "The statement never applies to the action. Actions without a resource type need `*`.";
    RESOURCE_UNUSED: "resource-never-used", Suggestion,
        "a resource on which none of the statement's actions acts",
        "It does nothing, and suggests that it did.";
    READ_WITHOUT_LIST: "read-without-list", Warning,
        "objects of a bucket may be read, and the bucket may not be listed",
        "Nobody can browse what cannot be listed, and a missing object is answered with 403.";
    PREFIX_WITHOUT_SLASH: "prefix-without-slash", Warning,
        "a prefix that ends inside a name: `bkt/home/ada*`",
        "It covers `home/adam/` too. The folder is `home/ada/*`.";
    PREFIX_KEY_WITHOUT_SLASH: "prefix-condition-without-slash", Warning,
        "`s3:prefix` held against a folder without its slash: `home`",
        "`home` also lists `homework/`, and is not what a client sends for the folder: that is \
         `home/`.";
    BUCKET_STAR: "bucket-pattern-covers-others", Warning,
        "a pattern for a bucket that covers other buckets: `bkt*`",
        "It covers `bkt`, its objects, and `bkt-other`, whose owner may be anybody.";
    ACTION_UNKNOWN: "action-unknown", Warning,
        "an action that its service does not have",
        "It matches nothing. Mostly a slip of the pen.";
    CALL_NOT_ACTION: "call-not-action", Warning,
        "the name of an API call where an action is meant: `s3:HeadObject`",
        "Policies speak of actions, and some calls need actions of other names.";
    ACTION_EMPTY: "action-pattern-matches-nothing", Warning,
        "a pattern that no action of the service matches",
        "It does nothing. Mostly a slip of the pen.";
    SERVICE_UNKNOWN: "service-unknown", Suggestion,
        "an action of a service that the tables do not hold",
        "Only S3, STS and IAM are checked.";
    OTHER_SERVICE: "action-of-other-service", Warning,
        "a bucket policy or trust policy that names actions of another service",
        "A bucket decides about S3's actions, a role's trust about STS's.";
    KEY_UNKNOWN: "condition-key-unknown", Warning,
        "a condition key that its service does not have",
        "The key is never there: the condition is always or never true.";
    TAG_KEY_MISSING: "tag-key-missing", Warning,
        "`aws:ResourceTag` and the like without `/` and the tag's key",
        "The key is never there: which tag is meant must be said.";
    KEY_NEVER: "condition-key-never-present", Warning,
        "a condition key that none of the statement's actions has",
        "The condition is always or never true.";
    KEY_NOT_ALL: "condition-key-not-for-action", Warning,
        "a condition key that one of the statement's actions does not have",
        "For that action the condition is always or never true: `s3:GetObject` never has \
         `s3:prefix`. It belongs in a statement of its own.";
    OPERATOR_TYPE: "operator-type-mismatch", Warning,
        "an operator that does not fit the type of the key",
        "The comparison is one of texts where numbers, dates or addresses are meant, or fails.";
    MISSING_QUALIFIER: "missing-qualifier", Warning,
        "a multivalued key without `ForAllValues` or `ForAnyValue`",
        "AWS leaves open what that means. Here it never helps to allow.";
    FOR_ALL_SINGLE: "for-all-values-on-single-value", Security,
        "`ForAllValues` on a key with a single value",
        "It is true where the key is missing.";
    FOR_ANY_SINGLE: "for-any-value-on-single-value", Suggestion,
        "`ForAnyValue` on a key with a single value",
        "It reads as if there could be several; only where the key is missing does it matter.";
    FOR_ALL_MISSING: "for-all-values-passes-missing-key", Security,
        "an Allow with `ForAllValues` and nothing that demands the key",
        "It is true where the key is missing: without tags, all tags are allowed ones. Add \
         `\"Null\": {\"key\": \"false\"}`.";
    FOR_ANY_NEGATED: "for-any-value-negated", Security,
        "an Allow with `ForAnyValue` and a negated operator",
        "It is true as soon as one value is outside the list, whatever the others are.";
    WILDCARD_NO_LIKE: "wildcard-without-like", Warning,
        "`*` or `?` in a value of `StringEquals`",
        "`StringEquals` takes them as they are. `StringLike` is meant.";
    ALLOW_IF_EXISTS: "allow-if-exists", Suggestion,
        "an Allow with an `IfExists` operator",
        "It passes where the key is missing.";
    ALLOW_NEGATED: "allow-negated-missing-key", Warning,
        "an Allow with a negated operator on a key that may be missing",
        "A negated operator is true on a missing key: who has no tag passes.";
    MFA_DENY: "deny-without-if-exists", Security,
        "a Deny that asks for MFA without `IfExists`",
        "Long-term keys carry no MFA keys, so the Deny spares them: `BoolIfExists`, or \
         `NumericGreaterThanIfExists`.";
    TLS_REVERSED: "secure-transport-reversed", Warning,
        "a Deny where `aws:SecureTransport` is true, or an Allow where it is false",
        "It refuses TLS, or allows only plain HTTP.";
    PRIVATE_IP: "private-source-ip", Warning,
        "`aws:SourceIp` held against private addresses",
        "AWS sees public addresses. It holds only where the server sees the client itself.";
    TRUE_AND_FALSE: "condition-true-and-false", Warning,
        "`Bool` or `Null` with both `true` and `false`",
        "`Null` then always holds, and `Bool` wherever the key is there.";
    SESSION_ARN: "principal-arn-of-session", Warning,
        "`aws:PrincipalArn` held against the ARN of a role session",
        "In a session it is the role's ARN, with its path: the condition never matches.";
    OPERATOR_CASE: "operator-case", Suggestion,
        "an operator that is not written as IAM writes it",
        "Other engines may refuse it.";
    EMPTY_CONDITION: "empty-condition", Warning,
        "a condition without operators, keys or values",
        "No value means that nothing matches; no key means that everything does.";
    VALUE_REDUNDANT: "redundant-condition-value", Suggestion,
        "a value that occurs twice for one key",
        "It adds nothing.";
    VARIABLE_OLD: "variable-in-old-version", Warning,
        "a `${…}` in a document that is not of version 2012-10-17",
        "There it is plain text.";
    VARIABLE_UNKNOWN: "variable-unknown", Warning,
        "a variable that is no condition key",
        "It has no value: the resource or value matches nothing.";
    VARIABLE_MULTIVALUED: "variable-multivalued", Warning,
        "a variable with many values",
        "Only keys with a single value can be variables.";
    VARIABLE_ABSENT: "variable-never-present", Warning,
        "`${aws:username}` in a session policy",
        "Sessions have no user name: the resource or value matches nothing.";
    VERSION_MISSING: "version-missing", Warning,
        "no `Version`",
        "It then is 2008-10-17, in which `${…}` is plain text.";
    NEARLY_TOO_LARGE: "policy-nearly-too-large", Suggestion,
        "the document comes close to the size that its kind may have, or exceeds the smallest",
        "The next statement may be refused; users and groups hold less inline than roles.";
    ALLOW_NOT_ACTION: "allow-not-action", Security,
        "`NotAction` beside `Allow`",
        "It allows everything else, also what AWS adds tomorrow.";
    FULL_ACCESS: "full-access", Security,
        "every action on every resource is allowed, without condition",
        "Whoever has it may change who has what. Nothing else in the policy matters beside it.";
    ALLOW_NOT_RESOURCE: "allow-not-resource", Security,
        "`NotResource` beside `Allow`",
        "It allows everything else, other accounts' resources included.";
    NOT_PRINCIPAL: "deny-not-principal", Warning,
        "`NotPrincipal` beside `Deny`",
        "It must list session, role and account to spare anyone, and never spares a principal with \
         a permissions boundary. `ArnNotEquals` on `aws:PrincipalArn` says it better.";
    PUBLIC: "public-access", Security,
        "a bucket policy that allows everyone, with no condition that says who or from where",
        "Everyone is everyone, without a name or key.";
    SERVICE_NO_SOURCE: "service-without-source", Warning,
        "a bucket policy that lets a service in, whoever asked it to come",
        "A service acts for every account. `aws:SourceAccount` or `aws:SourceArn` says for which.";
    TRUST_EVERYONE: "trust-everyone", Security,
        "a trust policy that lets every principal of every account assume the role",
        "Nothing but the caller's own policies stands in between.";
    TRUST_NEVER: "trust-never-assumed", Warning,
        "a trust policy that allows none of `sts:AssumeRole`, `…WithSAML`, `…WithWebIdentity`",
        "Nobody can assume the role.";
    TRUST_MISMATCH: "trust-principal-mismatch", Warning,
        "a way to assume a role that its principals cannot go",
        "Providers come by SAML or web identity, all others by `sts:AssumeRole`.";
    WEB_NO_SUBJECT: "web-identity-without-subject", Security,
        "trust in a web identity provider without a condition on whom it names",
        "Everyone whom the provider knows can assume the role.";
    LOCK_OUT: "deny-locks-out", Security,
        "a bucket policy that denies everyone the change of the policy, without condition",
        "Only the root user of the account can undo it.";
    PASS_ROLE: "pass-role-star", Security,
        "`iam:PassRole` on every role, to whatever service",
        "Who may pass any role may become any role.";
    ASSUME_STAR: "assume-role-star", Warning,
        "`sts:AssumeRole` on every role",
        "Every role that trusts the account is open, in other accounts too.";
    NO_TLS: "no-secure-transport", Suggestion,
        "a bucket policy that does not refuse requests without TLS",
        "Signed requests can be read on the way, and presigned URLs used.";
    ACTION_REDUNDANT: "redundant-action", Suggestion,
        "an action that another of the list covers",
        "It adds nothing.";
    RESOURCE_REDUNDANT: "redundant-resource", Suggestion,
        "a resource that another of the list covers",
        "It adds nothing.";
    STATEMENT_DUPLICATE: "duplicate-statement", Suggestion,
        "a statement that says the same as one before",
        "It adds nothing.";
    STATEMENT_REDUNDANT: "redundant-statement", Suggestion,
        "a statement that another covers",
        "It adds nothing.";
    STATEMENT_SHADOWED: "unreachable-allow", Warning,
        "an Allow that a Deny of the same document covers",
        "A Deny always wins: the Allow never does anything.";
}

/// The rule of a code.
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}
