//! The calls of STS.
//!
//! Whoever assumes a role is judged by the role's trust policy as well: each need on the role is two
//! questions. The tags and the source identity of SAML and OIDC arrive inside the assertion or token;
//! they count as parameters here. `GetCallerIdentity` is answered to everyone who is known, even
//! against a Deny.

use super::When::WithParameter;
use super::{Call, On, always, when};

/// Every call, by name.
pub(super) const CALLS: &[Call] = &[
    Call {
        name: "AssumeRole",
        needs: &[
            always("sts:AssumeRole", On::Role),
            when(WithParameter("Tags"), "sts:TagSession", On::Role),
            when(WithParameter("SourceIdentity"), "sts:SetSourceIdentity", On::Role),
            when(WithParameter("ProvidedContexts"), "sts:SetContext", On::Role),
        ],
    },
    Call {
        name: "AssumeRoleWithSAML",
        needs: &[
            always("sts:AssumeRoleWithSAML", On::Role),
            when(WithParameter("Tags"), "sts:TagSession", On::Role),
            when(WithParameter("SourceIdentity"), "sts:SetSourceIdentity", On::Role),
        ],
    },
    Call {
        name: "AssumeRoleWithWebIdentity",
        needs: &[
            always("sts:AssumeRoleWithWebIdentity", On::Role),
            when(WithParameter("Tags"), "sts:TagSession", On::Role),
            when(WithParameter("SourceIdentity"), "sts:SetSourceIdentity", On::Role),
        ],
    },
    Call {
        name: "DecodeAuthorizationMessage",
        needs: &[always("sts:DecodeAuthorizationMessage", On::Anything)],
    },
    Call { name: "GetAccessKeyInfo", needs: &[always("sts:GetAccessKeyInfo", On::Anything)] },
    Call { name: "GetCallerIdentity", needs: &[always("sts:GetCallerIdentity", On::Anything)] },
    Call {
        name: "GetFederationToken",
        needs: &[
            always("sts:GetFederationToken", On::FederatedUser),
            when(WithParameter("Tags"), "sts:TagSession", On::FederatedUser),
        ],
    },
    Call { name: "GetSessionToken", needs: &[always("sts:GetSessionToken", On::Anything)] },
];
