//! More requests than there are places.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::house::{House, REQUESTS_MAX};
use crate::signer::{Ask, Signer};

/// Every object may be written.
const WRITES: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]}"#;

/// More than sockets hold for somebody who does not read.
const LARGE_BYTES: usize = 48 << 20;

/// A PUT of 4 bytes that has not sent them.
async fn begun(house: &House, who: &Signer, path: &str) -> TcpStream {
    let mut ask = house.hosted(Ask::new("PUT", path));
    who.sign(&mut ask, "UNSIGNED-PAYLOAD");
    let mut head = format!("PUT {path} HTTP/1.1\r\ncontent-length: 4\r\nconnection: close\r\n");
    for (name, value) in ask.headers.iter().filter(|(name, _)| name != "content-length") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(house.address).await.expect("a connection");
    stream.write_all(format!("{head}\r\n").as_bytes()).await.expect("a head");
    stream
}

async fn ended(mut stream: TcpStream) -> String {
    stream.write_all(b"data").await.expect("a body");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// Begins as many as one principal gets places, and waits until they have them.
async fn fill(house: &House, who: &Signer) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for n in 0..REQUESTS_MAX / 2 {
        streams.push(begun(house, who, &format!("/files/{n}")).await);
    }
    until_full(house, who).await;
    streams
}

/// A place is taken a moment after the request was sent.
async fn until_full(house: &House, who: &Signer) {
    for _ in 0..1000 {
        if house.ask(who, Ask::new("PUT", "/files/probe")).await.status == 503 {
            return;
        }
    }
    panic!("there is always one more place");
}

#[tokio::test]
async fn one_principal_gets_half_of_the_places_and_is_asked_to_come_again() {
    let house = House::open().await;
    let greedy = house.session("Greedy", Some(WRITES)).await;
    let modest = house.session("Modest", Some(WRITES)).await;
    let streams = fill(&house, &greedy).await;
    let shed = house.ask(&greedy, Ask::new("PUT", "/files/more")).await;
    assert_eq!((shed.status, shed.code().as_str()), (503, "SlowDown"), "{}", shed.text());
    assert_eq!(shed.header("retry-after"), "1");
    let form = [("Action", "GetCallerIdentity")];
    let shed = house.query(&greedy, "sts", &form).await;
    assert_eq!((shed.status, shed.code().as_str()), (503, "SlowDown"), "{}", shed.text());
    let others = house.ask(&modest, Ask::new("PUT", "/files/other")).await;
    assert_eq!(others.status, 200, "others have the other half: {}", others.text());
    for stream in streams {
        let answer = ended(stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "who was let in is served: {answer}");
    }
    let again = house.ask(&greedy, Ask::new("PUT", "/files/more")).await;
    assert_eq!(again.status, 200, "places come back: {}", again.text());
}

#[tokio::test]
async fn who_reads_slowly_holds_a_place_until_the_end() {
    let house = House::open().await;
    let large = Ask::new("PUT", "/files/large").body(vec![7; LARGE_BYTES]);
    assert_eq!(house.ask(&house.root, large).await.status, 200);
    let mut streams = Vec::new();
    for _ in 0..REQUESTS_MAX / 2 {
        let ask = house.root.signed(house.hosted(Ask::new("GET", "/files/large")));
        let mut head = "GET /files/large HTTP/1.1\r\nconnection: close\r\n".to_owned();
        ask.headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        let mut stream = TcpStream::connect(house.address).await.expect("a connection");
        stream.write_all(format!("{head}\r\n").as_bytes()).await.expect("a head");
        streams.push(stream);
    }
    until_full(&house, &house.root).await;
    for mut stream in streams {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("an answer");
        assert!(answer.len() > LARGE_BYTES, "the whole body: {} bytes", answer.len());
    }
    assert_eq!(house.ask(&house.root, Ask::new("PUT", "/files/more")).await.status, 200);
}

#[tokio::test]
async fn a_place_comes_back_when_its_holder_goes_away() {
    let house = House::open().await;
    let who = house.session("Greedy", Some(WRITES)).await;
    drop(fill(&house, &who).await);
    let mut status = 503;
    for _ in 0..5 {
        status = house.ask(&who, Ask::new("PUT", "/files/more")).await.status;
        if status == 200 {
            break;
        }
    }
    assert_eq!(status, 200);
}
