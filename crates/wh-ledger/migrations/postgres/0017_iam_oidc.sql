-- OpenID Connect providers that roles may trust. The key is the issuer without its scheme, as ARNs
-- and condition keys name it.

CREATE TABLE iam_oidc_providers (
    issuer     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL
);

CREATE TABLE iam_oidc_client_ids (
    issuer    TEXT COLLATE "C" NOT NULL REFERENCES iam_oidc_providers (issuer) ON DELETE CASCADE,
    client_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (issuer, client_id)
);

CREATE TABLE iam_oidc_thumbprints (
    issuer     TEXT COLLATE "C" NOT NULL REFERENCES iam_oidc_providers (issuer) ON DELETE CASCADE,
    thumbprint TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (issuer, thumbprint)
);
