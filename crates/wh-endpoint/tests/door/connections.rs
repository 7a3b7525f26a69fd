//! Connections: what was not read of one request is never taken for the next.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::House;
use crate::signer::Ask;

/// Sends text as it is and gives all that comes back until the door ends the connection.
async fn exchange(house: &House, text: &str) -> String {
    let mut stream = TcpStream::connect(house.address).await.expect("a connection");
    stream.write_all(text.as_bytes()).await.expect("a request");
    let mut answers = Vec::new();
    drop(stream.read_to_end(&mut answers).await);
    String::from_utf8_lossy(&answers).into_owned()
}

fn written(ask: &Ask, more: &str) -> String {
    let mut head = format!("{} {} HTTP/1.1\r\n", ask.method, ask.path);
    for (name, value) in &ask.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{head}{more}\r\n")
}

/// A client that waits for `100 Continue` and is refused sends no body, but its next request. The
/// beginning of that must not be read as the body, and the rest of it as a request.
#[tokio::test]
async fn sec_a_body_that_never_came_does_not_eat_the_next_request() {
    let house = House::open().await;
    house.ask(&house.root, Ask::new("PUT", "/files/a").body("secret")).await;
    let ask = house.hosted(Ask::new("PUT", "/files/new"));
    let refused = written(&ask, "content-length: 1\r\nexpect: 100-continue\r\n");
    let next = house.hosted(Ask::new("GET", "/files/a"));
    let next = written(&house.root.signed(next), "connection: close\r\n");
    let answers = exchange(&house, &format!("{refused}{next}")).await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "{answers}");
    assert!(answers.starts_with("HTTP/1.1 403 ") && answers.contains("connection: close"));
    house.close().await;
}

/// Where the body did come, the connection goes on.
#[tokio::test]
async fn a_body_that_came_leaves_the_connection_open() {
    let house = House::open().await;
    let put = house.root.signed(house.hosted(Ask::new("PUT", "/files/a").body("12345")));
    let put = written(&put, "content-length: 5\r\n") + "12345";
    let next = house.hosted(Ask::new("GET", "/files/a"));
    let next = written(&house.root.signed(next), "connection: close\r\n");
    let answers = exchange(&house, &format!("{put}{next}")).await;
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert!(answers.ends_with("12345"), "{answers}");
    house.close().await;
}
