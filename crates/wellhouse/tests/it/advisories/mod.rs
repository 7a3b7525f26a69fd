//! What went wrong with others' servers, tried with ours as it runs. Each test bears the number of the
//! advisory whose lesson it keeps; `cargo xtask tidy` counts them.

mod disk;
mod ending;
mod telling;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_s3::Client;

use crate::server::Server;

/// The bucket of the standard estate.
const BUCKET: &str = "wellhouse";

/// A client of the store with these credentials.
async fn client(server: &Server, id: &str, secret: &str, token: Option<&str>) -> Client {
    let token = token.map(str::to_owned);
    let shared = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(&server.s3)
        .credentials_provider(Credentials::new(id, secret, token, None, "test"))
        .retry_config(aws_config::retry::RetryConfig::disabled())
        .load()
        .await;
    Client::from_conf(aws_sdk_s3::config::Builder::from(&shared).force_path_style(true).build())
}

/// The root user's client.
async fn root(server: &Server) -> Client {
    let (id, secret) = server.root();
    client(server, &id, &secret, None).await
}

/// Asks as a stranger: status, headers in lines, and body.
fn ask(method: &str, url: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = agent.run(request.body(()).expect("a request")).expect("an answer");
    let status = answer.status().as_u16();
    let headers = format!("{:?}", answer.headers());
    (status, headers, answer.into_body().read_to_string().unwrap_or_default())
}
