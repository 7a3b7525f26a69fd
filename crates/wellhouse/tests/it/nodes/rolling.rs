//! A rolling restart behind a load balancer: nobody is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::balancer::Balancer;
use super::{House, until};
use crate::actors::{Actor, Keys};
use crate::sdk::client;
use crate::server::Server;

fn host(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

/// How many requests were answered, and whether to stop.
#[derive(Default)]
struct Counted {
    answered: AtomicUsize,
    over: AtomicBool,
}

/// Asks the portal again and again, each time by a new connection.
fn ask_portal(address: String, counted: Arc<Counted>) -> tokio::task::JoinHandle<()> {
    tokio::task::spawn_blocking(move || {
        while !counted.over.load(Ordering::Relaxed) {
            let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
            let answer = agent.get(format!("{address}/api/v1/openapi.json")).call();
            let body = answer.expect("an answer of the portal").into_body().read_to_vec();
            assert!(!body.expect("all of it").is_empty());
            counted.answered.fetch_add(1, Ordering::Relaxed);
        }
    })
}

/// A client that asks once, by a connection of its own.
async fn once(keys: &Keys) -> aws_sdk_s3::Client {
    let once = aws_sdk_s3::config::retry::RetryConfig::disabled();
    let config = client(keys).await.config().to_builder().retry_config(once).build();
    aws_sdk_s3::Client::from_conf(config)
}

/// Puts and gets at the endpoint again and again.
fn ask_endpoint(keys: Keys, counted: Arc<Counted>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        while !counted.over.load(Ordering::Relaxed) {
            let s3 = once(&keys).await;
            let put = s3.put_object().bucket("front").key("rolling").body(vec![7; 9000].into());
            put.send().await.expect("put");
            let s3 = once(&keys).await;
            let got = s3.get_object().bucket("front").key("rolling").send().await.expect("get");
            assert_eq!(got.body.collect().await.expect("a body").to_vec().len(), 9000);
            counted.answered.fetch_add(1, Ordering::Relaxed);
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rolling_restart_refuses_nobody() {
    let house = House::new();
    let one = house.first();
    let keys = Actor::administrator(&one).keys("");
    let two = house.beside(&one);
    let portals = Balancer::before(vec![host(&one.portal), host(&two.portal)]).await;
    let endpoints = Balancer::before(vec![host(&one.s3), host(&two.s3)]).await;
    let keys = Keys { endpoint: endpoints.address.clone(), ..keys };
    let (at_portal, at_endpoint) = (Arc::new(Counted::default()), Arc::new(Counted::default()));
    let asking = [
        ask_portal(portals.address.clone(), Arc::clone(&at_portal)),
        ask_endpoint(keys, Arc::clone(&at_endpoint)),
    ];
    let more = async || {
        let before = [&at_portal, &at_endpoint].map(|c| c.answered.load(Ordering::Relaxed));
        until("further answers", async || {
            let now = [&at_portal, &at_endpoint].map(|c| c.answered.load(Ordering::Relaxed));
            asking.iter().any(tokio::task::JoinHandle::is_finished)
                || now.iter().zip(before).all(|(now, before)| *now > before + 5)
        })
        .await;
    };
    more().await;
    let settings = house.settings();
    let one = again(one, &settings);
    more().await;
    let two = again(two, &settings);
    more().await;
    for counted in [&at_portal, &at_endpoint] {
        counted.over.store(true, Ordering::Relaxed);
    }
    for asked in asking {
        asked.await.expect("nobody was refused");
    }
    drop((one, two));
}

/// Stops a node as an operator does, and starts it at the same place.
fn again(node: Server, settings: &[(&str, &str)]) -> Server {
    tokio::task::block_in_place(|| node.again_at_its_place(settings))
}
