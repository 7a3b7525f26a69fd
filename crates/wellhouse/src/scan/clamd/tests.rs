//! What is understood of a clamd that answers as it should, and of one that does not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Answer, ClamdAddress, Instream, ScannerError, ping, read, version};

/// Somebody who listens and behaves so to whoever comes.
async fn clamd<F: Future<Output = ()> + Send + 'static>(
    behave: impl Fn(TcpStream) -> F + Send + 'static,
) -> ClamdAddress {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((way, _)) = listener.accept().await {
            tokio::spawn(behave(way));
        }
    });
    ClamdAddress::Tcp(address)
}

/// Reads the blocks of a file to their end; what they were.
async fn blocks(way: &mut TcpStream) -> Vec<u8> {
    let mut command = [0; 10];
    way.read_exact(&mut command).await.expect("a command");
    assert_eq!(&command, b"zINSTREAM\0");
    let mut all = Vec::new();
    loop {
        let size = way.read_u32().await.expect("a size");
        if size == 0 {
            return all;
        }
        let at = all.len();
        all.resize(at + usize::try_from(size).expect("a size"), 0);
        way.read_exact(&mut all[at..]).await.expect("a block");
    }
}

#[test]
fn only_the_very_words_mean_clean() {
    assert!(matches!(read("stream: OK"), Ok(Answer::Clean)));
    assert!(matches!(read("INSTREAM size limit exceeded. ERROR"), Ok(Answer::Unscanned(_))));
    let found = read("stream: Eicar-Test-Signature FOUND").expect("an answer");
    assert_eq!(found, Answer::Found("Eicar-Test-Signature".to_owned()));
    for told in [
        "OK",
        "stream: OK FOUND OK",
        "stream: ok",
        "stream: OK\nstream: X FOUND",
        "stream:  FOUND",
        "UNKNOWN COMMAND",
        "stream: Can't allocate memory ERROR",
        "HTTP/1.1 200 OK",
    ] {
        assert!(!matches!(read(told), Ok(Answer::Clean)), "{told}");
    }
    assert!(matches!(read("HTTP/1.1 200 OK"), Err(ScannerError::Nonsense(_))));
}

#[tokio::test]
async fn a_file_comes_whole_in_blocks_and_is_answered() {
    let at = clamd(|mut way| async move {
        let all = blocks(&mut way).await;
        let told = if all == vec![7; 600_000] { "stream: OK\0" } else { "stream: Torn FOUND\0" };
        way.write_all(told.as_bytes()).await.expect("told");
    })
    .await;
    let mut file = Instream::begin(&at).await.expect("begun");
    for part in vec![7; 600_000].chunks(250_001) {
        assert_eq!(file.send(part).await.expect("sent"), None);
    }
    assert_eq!(file.finish().await.expect("an answer"), Answer::Clean);
}

#[tokio::test]
async fn an_answer_before_the_end_counts() {
    let at = clamd(|mut way| async move {
        let mut some = vec![0; 1000];
        way.read_exact(&mut some).await.expect("the beginning");
        way.write_all(b"INSTREAM size limit exceeded. ERROR\0").await.expect("told");
    })
    .await;
    let mut file = Instream::begin(&at).await.expect("begun");
    let mut told = None;
    for _ in 0..1000 {
        told = match file.send(&vec![1; 100_000]).await {
            Ok(told) => told,
            // The connection was reset before its last words could be read.
            Err(ScannerError::BrokeOff(_)) => return,
            Err(other) => panic!("{other}"),
        };
        if told.is_some() {
            break;
        }
    }
    assert!(matches!(told, Some(Answer::Unscanned(_))), "{told:?}");
}

#[tokio::test]
async fn who_is_away_breaks_off_or_talks_nonsense_is_told_apart() {
    let at = clamd(|mut way| async move {
        let mut command = [0; 6];
        way.read_exact(&mut command).await.expect("a command");
        let told: &[u8] = if &command == b"zPING\0" { b"PONG\0" } else { b"ClamAV 1.0\0" };
        way.write_all(told).await.expect("told");
    })
    .await;
    ping(&at).await.expect("there");
    assert_eq!(version(&at).await.expect("there"), "ClamAV 1.0");
    let hangs_up = clamd(|way| async move { drop(way) }).await;
    let broke_off = ping(&hangs_up).await.expect_err("nobody");
    assert!(matches!(broke_off, ScannerError::BrokeOff(_)), "{broke_off}");
    let other = clamd(|mut way| async move {
        way.write_all(b"220 mail.example.org ESMTP\r\n\0").await.expect("told");
    })
    .await;
    assert!(matches!(ping(&other).await, Err(ScannerError::Nonsense(_))));
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nobody = ClamdAddress::Tcp(free.local_addr().expect("an address"));
    drop(free);
    assert!(matches!(ping(&nobody).await, Err(ScannerError::Away(_))));
    let nowhere = ClamdAddress::Unix("/nowhere/clamd.ctl".into());
    assert!(matches!(ping(&nowhere).await, Err(ScannerError::Away(_))));
}
