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

/// Where a request ends is said once: two lengths that differ, and encodings that nobody knows, are
/// refused, and nothing behind them is read. Of a length beside chunks the chunks count.
#[tokio::test]
async fn a_request_whose_end_can_be_read_in_two_ways_smuggles_nothing() {
    let house = House::open().await;
    house.ask(&house.root, Ask::new("PUT", "/files/a").body("secret")).await;
    let next = house.root.signed(house.hosted(Ask::new("GET", "/files/a")));
    let next = written(&next, "connection: close\r\n");
    let put = house.hosted(Ask::new("PUT", "/files/new"));
    let length = next.len();
    for more in [
        format!("content-length: 0\r\ncontent-length: {length}\r\n"),
        format!("content-length: {length}\r\ncontent-length: 0\r\n"),
        format!("content-length: {length}, 0\r\n"),
        "content-length: +0\r\n".to_owned(),
        "content-length: 0x0\r\n".to_owned(),
        "content-length: -1\r\n".to_owned(),
        "transfer-encoding: xchunked\r\n".to_owned(),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
        "transfer-encoding : chunked\r\n".to_owned(),
    ] {
        let answers = exchange(&house, &format!("{}{next}", written(&put, &more))).await;
        assert!(answers.matches("HTTP/1.1 ").count() <= 1, "{more}: {answers}");
        assert!(!answers.contains("secret"), "{more}: {answers}");
    }
    // The whole of the next request would be its body, if the length counted.
    let both = format!("content-length: {}\r\ntransfer-encoding: chunked\r\n", length + 5);
    let answers = exchange(&house, &format!("{}0\r\n\r\n{next}", written(&put, &both))).await;
    let second = answers.matches("HTTP/1.1 ").count() == 2;
    assert_eq!(answers.contains("secret"), second, "{answers}");
    assert!(answers.starts_with("HTTP/1.1 4"), "{answers}");
    assert_eq!(house.object("/files/new").await, None);
    house.close().await;
}
