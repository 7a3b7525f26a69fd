//! A house in memory behind a door on the loopback, for targets that speak with it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;

use crate::client::Answer;
use crate::house::House;
use crate::signer::Ask;

/// After so many inputs the house is a new one, so that what was stored does not pile up.
const INPUTS_MAX: u64 = 2_000;

/// How long an answer may take. The door itself gives strangers less.
const ANSWER_MAX: Duration = Duration::from_secs(20);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

struct Running {
    house: Option<House>,
    inputs: u64,
}

static RUNNING: Mutex<Running> = Mutex::new(Running { house: None, inputs: 0 });

/// Does something with the house.
pub(crate) fn with<T>(act: impl AsyncFnOnce(&House, u64) -> T) -> T {
    let mut running = RUNNING.lock().expect("one input at a time");
    RUNTIME.block_on(async {
        running.inputs += 1;
        if running.inputs.is_multiple_of(INPUTS_MAX)
            && let Some(house) = running.house.take()
        {
            house.close().await;
        }
        if running.house.is_none() {
            running.house = Some(House::open().await);
        }
        let inputs = running.inputs;
        act(running.house.as_ref().expect("a house"), inputs).await
    })
}

/// Sends bytes as they are, and reads what is answered.
pub(crate) async fn send(address: SocketAddr, bytes: &[u8], number: u64) -> Vec<u8> {
    let socket = TcpSocket::new_v4().expect("a socket");
    // Ports of one address would run out while the closed ones wait.
    let [.., c, d] = number.to_be_bytes();
    let from = Ipv4Addr::new(127, 1, c, d.clamp(1, 254));
    socket.bind(SocketAddr::from((from, 0))).expect("an address");
    let mut stream = socket.connect(address).await.expect("a connection");
    drop(stream.write_all(bytes).await);
    drop(stream.shutdown().await);
    let mut answer = Vec::new();
    let read = tokio::time::timeout(ANSWER_MAX, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "no end of the answer: {}", String::from_utf8_lossy(&answer));
    answer
}

/// An answer that the house may give to anything.
pub(crate) fn check(answer: &Answer, ask: &Ask) {
    let told = || format!("{} {}: {} {}", ask.method, ask.path, answer.status, answer.text());
    let fine = answer.status < 500 || answer.code() == "NotImplemented" || answer.status == 503;
    assert!(fine, "an answer of the house that is its own fault: {}", told());
    let refused = answer.status >= 400 && ask.method != "HEAD";
    assert!(!refused || !answer.code().is_empty(), "a refusal without a code: {}", told());
}
