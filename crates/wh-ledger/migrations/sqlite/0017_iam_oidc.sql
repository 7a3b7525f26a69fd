-- OpenID Connect providers that roles may trust. The key is the issuer without its scheme, as ARNs
-- and condition keys name it.

CREATE TABLE iam_oidc_providers (
    issuer     TEXT   NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

CREATE TABLE iam_oidc_client_ids (
    issuer    TEXT NOT NULL REFERENCES iam_oidc_providers (issuer) ON DELETE CASCADE,
    client_id TEXT NOT NULL,
    PRIMARY KEY (issuer, client_id)
);

CREATE TABLE iam_oidc_thumbprints (
    issuer     TEXT NOT NULL REFERENCES iam_oidc_providers (issuer) ON DELETE CASCADE,
    thumbprint TEXT NOT NULL,
    PRIMARY KEY (issuer, thumbprint)
);
