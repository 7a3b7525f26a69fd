//! The keys of the tests' providers: they were made for tests and guard nothing. The tests of every crate
//! that has a provider take this file in by its path.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

const EC: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnqkgxib6D3P3orEYEiO/6h9mWBWFpZZd+KrFKuMSYw\
    +hRANCAASPad3lz7GHV8cK/scCqp6egafoza8Upeavj9pYtVskgRQwWC+UPkmllB5FgGrFAWXn/fbuYePt4jWfxemV\
    TRQI";
const EC_384: &str = "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDgjfkLuTXNhpOSZMJRINBvpKkgXltuO/9HfVvtvvem\
    hJEO/N5Qm8w4nuije1+u/SGhZANiAAQYjo3SMQLo9ScihfYn0iRjnA9+3/3qusMQdihDkpZIf49hFvWF/Ah0w2xz\
    9lTwcwaRYxMHWc+RsBj6J47Ytylj5mi+m1HZvq6iYshaClNPRn2gkI4ouu7guert71SUxAk=";
const ED: &str = "MC4CAQAwBQYDK2VwBCIEIHrwV6g9swvhzAzPj4bAfz/CHfwIPorEJmD3/cCUSSlO";
const RSA: &str = "MIIEogIBAAKCAQEAwT0NzLc4P3yizx6jfssQjBMH4HFX0cHyRVgq/C2ipCNjfhQJw1Bmxl25A15pEe3s4Q9xixjept\
    1xKigNol671AklRTobTzTbAhu6/joGXjX3+b1nMOJjNKAjkFbkK/j5n2Eb9/9gaSr5xWiBq5n7b3GN+V/3g8k4kljs\
    zXaDM3XUY1PUMm61RMDLYF3UFglPp3vtSGx8iVRn5VCM9ebUCX7QBBx7CHl4bRs7Knq2fFcdSTLWOmpYPd6geFH3bA\
    dllpSSGfxhBkRa4brylNl6hJgq0N59aHd7RVz7qmIm1T4d7xxKNEt7hLsjISQnk5LdL4U0QLMtmTWTtPbYg5VvwwID\
    AQABAoIBAAOY41zgPEfSRiWc6GY/2XsCD6957KyW86+eyI4RO2nazstWDCh6oq8mp38MjuAqkbJO20o/mEV68dRbEo\
    XnRY/Y67yyLDf5P+p2IbEB24R9dLRNdlJOpJIiOQdC1tSKufrhj+e59U1/405td5x+LVQRxRbTVoQ5hrgSt7XLcv3O\
    N2ENTIxFQWsDKF9UY33PErXR6qEa1ZUfLkz1Vcz4ZX1eeadLxp6HvY+OxpUOfhQOzSHZmuz1xXwgOJxCs0IwQVpMSY\
    BMJzXgc7EFkTb9d/4m8hWZcFBf/gwD+ElvwtX5MhZIewuH4Z41OyG7XJ1sw0/quMQxNc/GuNukGXBcVeECgYEA/Glk\
    DkGGij0x3HgJ2t0kajleeeZHcp2WNw+t3EAO7dYzc3HhamY4KnJm2WGm0rQbgq/qsIJ591E15YsEplxT/MnVznW8wW\
    5aTEJLQAX4+Sxk+yQrrQiMxEeOVyyk0NaYWkKo25GpFwhK9158jkWXMZ63qUMRxASBdE065c6CrFcCgYEAw/xP9kst\
    erYFaO4LMq0GXG37yFzNLtx5fFimTtzU3W+8CfGdtKlQZMnzuRyJXqFwO52+VQXaCunIeISHVRJSJEbyAaFiI8iqxv\
    gkhsuWBFyekppVPsmcJciBXAMvbfjD99KFnnm7VPCCWvs09KDJ/oSgEzFBToPOAl8jzNcdNHUCgYBDfCIGNbq05xuX\
    qHhqDcoYpHIAAXOEz2FEI2sGghH7wNNMwFvWSLInlyKsaBFkMEdSr5n9y0S0vP+9+Wcq23CRG52Qb6YhyVFXJjpcSb\
    yBUj9FbixHPQv1xnPmFseSFm3xY/Ulj1I4GD2C2b5Pg4ei+p58ILR1Rgcegy+GFaqWTQKBgF/mpiYp8U47pXgMC5S3\
    kAZIl00bBBgrMJNFOdQbQVo947Cl93rA4yL+o3FwYlPZAXdaoBkwrNpsPXmjuClLtsAjqyZbFw/VkKOeJxmCo5zsyX\
    eJZ686rlrau1oQAPR6J0KsVFAQ1zcgHVlx1R7jUxRlR4M8te06l+MXNQh2NsdFAoGAVBhpNJg+Omyi+/TQdyf3Aocs\
    d7Yccubw+quAV82qW1UbKfBOe8k5xlbRTsEHzSOfSVrQU52qk2byvD5k/i8H38x2U4eus1YMht5RCRbYFKmfcNuGsv\
    li1q+Ccag6ayZG0OZCdGDBFKk2Q3ZKMVJOgaODkmRr+uBUXNPV4DDn1+I=";

/// The public keys, as a provider publishes them.
pub(crate) fn public_keys() -> Value {
    json!([
        { "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "ec",
          "x": "j2nd5c-xh1fHCv7HAqqenoGn6M2vFKXmr4_aWLVbJIE", "y": "FDBYL5Q-SaWUHkWAasUBZef99u5h4-3iNZ_F6ZVNFAg" },
        { "kty": "EC", "crv": "P-384", "use": "sig", "alg": "ES384", "kid": "ec384",
          "x": "GI6N0jEC6PUnIoX2J9IkY5wPft_96rrDEHYoQ5KWSH-PYRb1hfwIdMNsc_ZU8HMG",
          "y": "kWMTB1nPkbAY-ieO2LcpY-ZovptR2b6uomLIWgpTT0Z9oJCOKLru4Lnq7e9UlMQJ" },
        { "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "ed",
          "x": "cJzU9MEg8OpHQBwCzwVENXqq5-jwwQLfisKOovhBCjA" },
        { "kty": "RSA", "use": "sig", "kid": "rsa", "e": "AQAB", "n": concat!(
            "wT0NzLc4P3yizx6jfssQjBMH4HFX0cHyRVgq_C2ipCNjfhQJw1Bmxl25A15pEe3s4Q9xixjept1xKigNol671A",
            "klRTobTzTbAhu6_joGXjX3-b1nMOJjNKAjkFbkK_j5n2Eb9_9gaSr5xWiBq5n7b3GN-V_3g8k4kljszXaDM3XU",
            "Y1PUMm61RMDLYF3UFglPp3vtSGx8iVRn5VCM9ebUCX7QBBx7CHl4bRs7Knq2fFcdSTLWOmpYPd6geFH3bAdllp",
            "SSGfxhBkRa4brylNl6hJgq0N59aHd7RVz7qmIm1T4d7xxKNEt7hLsjISQnk5LdL4U0QLMtmTWTtPbYg5Vvww"
        ) },
    ])
}

fn bytes(key: &str) -> Vec<u8> {
    STANDARD.decode(key).expect("base64")
}

/// The key that signs by this algorithm; of those that take no public key, the public key, as whoever
/// confuses the two kinds would take it for a secret.
pub(crate) fn signing_key(algorithm: Algorithm) -> EncodingKey {
    if algorithm == Algorithm::ES256 {
        EncodingKey::from_ec_der(&bytes(EC))
    } else if algorithm == Algorithm::ES384 {
        EncodingKey::from_ec_der(&bytes(EC_384))
    } else if algorithm == Algorithm::EdDSA {
        EncodingKey::from_ed_der(&bytes(ED))
    } else if [Algorithm::RS256, Algorithm::PS256].contains(&algorithm) {
        EncodingKey::from_rsa_der(&bytes(RSA))
    } else {
        EncodingKey::from_secret(public_keys()[3]["n"].as_str().expect("n").as_bytes())
    }
}
