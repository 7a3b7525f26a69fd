//! What is understood of an ICAP server that answers as it should, and of one that does not.

mod server;

use server::{NO_204, NO_PREVIEW, OFFER, REQMOD, Wire, hand, saying, server};

use super::super::scanner::{Answer, ScannerError};
use super::version;

const NOTHING: &str = "ICAP/1.0 204 No Content\r\nISTag: \"t1\"\r\n\r\n";

/// A 200 that encapsulates this head of an answer, and a body in chunks.
fn page(fields: &str, first: &str, body: &[u8]) -> Vec<u8> {
    let inner = format!("{first}\r\nContent-Type: text/plain\r\n\r\n");
    let head = format!(
        "ICAP/1.0 200 OK\r\n{fields}Encapsulated: res-hdr=0, res-body={}\r\n\r\n{inner}",
        inner.len()
    );
    let size = format!("{:x};name=\"a, b\"\r\n", body.len());
    let end: &[u8] = if body.is_empty() { b"0\r\n\r\n" } else { b"\r\n0\r\n\r\n" };
    let size = if body.is_empty() { "" } else { &size };
    [head.as_bytes(), size.as_bytes(), body, end].concat()
}

/// Finds a file of sevens clean, and answers nothing else.
async fn knows(mut wire: Wire, size: usize) {
    let is_whole = wire.file().await == vec![7; size];
    wire.says(if is_whole { NOTHING } else { "torn\r\n\r\n" }).await;
}

#[tokio::test]
async fn a_file_comes_whole_and_204_means_clean() {
    for offer in [OFFER, NO_PREVIEW, REQMOD] {
        for size in [0, 1, 99, 100, 101, 1_000_000] {
            let at = server(offer, move |wire| knows(wire, size)).await;
            let answer = hand(&at, &vec![7; size]).await;
            assert!(matches!(answer, Ok(Answer::Clean)), "{size}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_file_that_comes_back_as_it_was_is_clean_and_another_is_not() {
    let file = b"nothing but words, more than a preview".to_vec();
    let answers: [(&[u8], &str, bool); 6] = [
        (&file, "HTTP/1.1 200 OK", true),
        (&file, "HTTP/1.0 200 OK", true),
        (&file, "HTTP/1.1 500 Oh", false),
        (&file[1..], "HTTP/1.1 200 OK", false),
        (b"", "HTTP/1.1 200 OK", false),
        (&[b'x'; 10_000], "HTTP/1.1 200 OK", false),
    ];
    for (body, first, clean) in answers {
        let at = saying(NO_204, &page("", first, body)).await;
        match hand(&at, &file).await.expect("an answer") {
            Answer::Clean => assert!(clean, "{first}"),
            Answer::Unscanned(_) => assert!(!clean, "{first}"),
            Answer::Found(name) => panic!("{first}: {name}"),
        }
    }
}

#[tokio::test]
async fn what_is_infected_is_known_by_a_field_or_by_a_page_that_forbids() {
    let threat = "X-Infection-Found: Type=0; Resolution=2; Threat=Eicar;\r\n";
    let trailer = page("", "HTTP/1.1 200 OK", &[b'x'; 1000]);
    let trailer = [&trailer[..trailer.len() - 2], b"X-Virus-ID: Eicar\r\n\r\n"].concat();
    for (told, name) in [
        (page(threat, "HTTP/1.1 200 OK", b"a page"), "Eicar"),
        (page("X-Virus-ID: Eicar\r\n", "HTTP/1.1 403 No", b"a page"), "Eicar"),
        (page("", "HTTP/1.1 403 Forbidden", b"a page"), "blocked by the ICAP server"),
        (page("", "HTTP/1.1 200 OK\r\nX-Virus-ID: Eicar", &[b'x'; 1000]), "Eicar"),
        (format!("ICAP/1.0 204 No\r\n{threat}\r\n").into_bytes(), "Eicar"),
        (trailer, "Eicar"),
    ] {
        let text = String::from_utf8_lossy(&told).into_owned();
        let at = saying(OFFER, &told).await;
        let answer = hand(&at, &[b'x'; 1000]).await;
        assert_eq!(answer.expect("an answer"), Answer::Found(name.to_owned()), "{text}");
        // What follows a body is read only of an answer to the whole.
        if text.ends_with("ID: Eicar\r\n\r\n") && !text.contains("204") {
            continue;
        }
        let at = server(OFFER, move |wire| answers(wire, told.clone(), true)).await;
        let answer = hand(&at, &[b'x'; 1000]).await;
        assert_eq!(answer.expect("an answer"), Answer::Found(name.to_owned()), "early: {text}");
    }
}

/// Answers before it has the whole file: when it has the preview, or the head alone.
async fn answers(mut wire: Wire, told: Vec<u8>, in_preview: bool) {
    wire.request().await;
    if in_preview {
        wire.chunks().await;
    }
    wire.says(told).await;
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn an_answer_before_the_whole_was_sent_is_not_clean() {
    let file = vec![b'x'; 20_000_000];
    let echoed = page("", "HTTP/1.1 200 OK", &file[..100]);
    for (told, in_preview) in
        [(NOTHING.as_bytes(), true), (NOTHING.as_bytes(), false), (&echoed, false)]
    {
        let told = told.to_vec();
        let offer = if in_preview { OFFER } else { NO_PREVIEW };
        let at = server(offer, move |wire| answers(wire, told.clone(), in_preview)).await;
        let answer = hand(&at, &file).await;
        assert!(matches!(answer, Ok(Answer::Unscanned(_))), "{answer:?}");
    }
}

#[tokio::test]
async fn no_answer_that_is_not_understood_means_clean() {
    let long = format!("ICAP/1.0 204 No\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    let clean = String::from_utf8(page("", "HTTP/1.1 200 OK", b"file")).expect("text");
    let answers = [
        String::new(),
        "ICAP/1.0 204".to_owned(),
        "ICAP/1.0 204 No\r\n".to_owned(),
        "ICAP/1.0 204 No\n\n".to_owned(),
        "ICAP/1.0 2040 No\r\n\r\n".to_owned(),
        "ICAP/1.0 +04 No\r\n\r\n".to_owned(),
        "ICAP/1.1 204 No\r\n\r\n".to_owned(),
        "HTTP/1.1 204 No\r\n\r\n".to_owned(),
        "ICAP/1.0 204 No\r\nno field\r\n\r\n".to_owned(),
        "ICAP/1.0 204 No\r\n folded\r\n\r\n".to_owned(),
        "ICAP/1.0 204 No\r\nX : y\r\n\r\n".to_owned(),
        "ICAP/1.0 204 No\r\nX: y\nX-Virus-ID: z\r\n\r\n".to_owned(),
        "ICAP/1.0 204 No\r\nEncapsulated: res-hdr=0, null-body=4\r\n\r\n".to_owned(),
        format!("{NOTHING}ICAP/1.0 500 Oh\r\n\r\n"),
        "ICAP/1.0 100 Continue\r\n\r\n".to_owned(),
        "ICAP/1.0 206 Partial\r\n\r\n".to_owned(),
        "ICAP/1.0 400 Bad\r\n\r\n".to_owned(),
        "ICAP/1.0 200 OK\r\n\r\n".to_owned(),
        "ICAP/1.0 200 OK\r\nEncapsulated: null-body=0\r\n\r\n".to_owned(),
        long,
        clean.replace("0, res-body", "0, res-hdr=9, res-body"),
        clean.replace("Encapsulated:", "Encapsulated: null-body=0\r\nEncapsulated:"),
        clean.replace("4;", "-4;"),
        clean.replace("4;", "+4;"),
        clean.replace("4;", "ffffffffffffffffff;"),
        clean.replace("4;", "4\r;"),
        clean.replace("4;", "4;\n"),
        clean.replace("4;", " 4;"),
        clean.replace("4;", "3;"),
        clean.replace("4;", "5;"),
        clean.replace("4;", &format!("4;{}", "x".repeat(2000))),
        clean.replace("\r\n0\r\n\r\n", "\r\n0\r\n"),
        clean.replace("\r\n0\r\n\r\n", "\r\n"),
        format!("{clean}more"),
        clean.replace("HTTP/1.1 200", "HTTP/1.1 200200"),
        clean.replace("res-hdr", "req-hdr").replace("res-body", "req-body"),
    ];
    for told in [clean.clone()].into_iter().chain(answers) {
        let at = saying(NO_PREVIEW, told.as_bytes()).await;
        let answer = hand(&at, b"file").await;
        let is_clean = matches!(answer, Ok(Answer::Clean));
        assert_eq!(is_clean, told == clean, "{told}: {answer:?}");
    }
}

/// Says this byte by byte.
async fn stammers(mut wire: Wire, told: Vec<u8>) {
    wire.file().await;
    for byte in told {
        wire.says([byte]).await;
        tokio::task::yield_now().await;
    }
    wire.waits().await;
}

#[tokio::test]
async fn an_answer_that_comes_byte_by_byte_is_understood() {
    for told in [NOTHING.as_bytes().to_vec(), page("", "HTTP/1.1 200 OK", b"file")] {
        let at = server(NO_PREVIEW, move |wire| stammers(wire, told.clone())).await;
        let answer = hand(&at, b"file").await;
        assert!(matches!(answer, Ok(Answer::Clean)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_anywhere_in_its_answer_did_not_answer() {
    for told in [NOTHING.as_bytes().to_vec(), page("", "HTTP/1.1 200 OK", b"file")] {
        for count in 0..told.len() {
            let at = saying(NO_PREVIEW, &told[..count]).await;
            let answer = hand(&at, b"file").await;
            assert!(matches!(answer, Err(ScannerError::BrokeOff(_))), "{count}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn neither_204_unasked_nor_a_head_without_an_end_is_an_answer() {
    let at = server(NO_204, |mut wire| async move {
        wire.file().await;
        wire.says(NOTHING).await;
    })
    .await;
    let answer = hand(&at, b"more than ten bytes").await;
    assert!(matches!(answer, Err(ScannerError::Nonsense(_))), "{answer:?}");
    let at = server(OFFER, |mut wire| async move {
        wire.file().await;
        wire.says("ICAP/1.0 204 No\r\n").await;
        for _ in 0..1_000 {
            wire.says("X: y\r\n".repeat(1_000)).await;
        }
    })
    .await;
    let answer = hand(&at, b"file").await;
    assert!(matches!(answer, Err(ScannerError::Nonsense(_))), "{answer:?}");
    let at = server(OFFER, |mut wire| async move { drop(wire.request().await) }).await;
    let answer = hand(&at, b"file").await;
    assert!(matches!(answer, Err(ScannerError::BrokeOff(_))), "{answer:?}");
}

#[tokio::test]
async fn a_failure_of_the_server_is_no_fault_of_the_file() {
    for code in [404, 405, 408, 500, 501, 503, 539] {
        let told = format!("ICAP/1.0 {code} Oh\r\n\r\n");
        let at = saying(OFFER, told.as_bytes()).await;
        let whole = hand(&at, &[b'x'; 1000]).await;
        let told = told.into_bytes();
        let at = server(OFFER, move |wire| answers(wire, told.clone(), true)).await;
        let early = hand(&at, &[b'x'; 1000]).await;
        for answer in [whole, early] {
            let failed = matches!(answer, Err(ScannerError::Failed(_)));
            let unready = matches!(answer, Err(ScannerError::Unready(_)));
            assert_eq!((failed, unready), (code == 500, code != 500), "{code}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn who_offers_no_scan_is_no_fault_of_the_file() {
    let at = server(OFFER, |_wire| async {}).await;
    assert_eq!(version(&at).await.expect("there"), "Strict, \"t1\"");
    for offer in [
        "ICAP/1.0 404 ICAP Service not found\r\n\r\n",
        "ICAP/1.0 503 Service overloaded\r\n\r\n",
        "ICAP/1.0 200 OK\r\nMethods: LOG\r\n\r\n",
        "ICAP/1.0 200 OK\r\n\r\n",
        "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nPreview: many\r\n\r\n",
        "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nPreview: 1\r\nPreview: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nMethods: RESPMOD\r\n\r\n",
        "220 mail.example.org ESMTP\r\n\r\n",
    ] {
        let at = server(offer, |_wire| async {}).await;
        let answer = hand(&at, b"file").await;
        assert!(matches!(answer, Err(ScannerError::Unready(_))), "{offer}: {answer:?}");
    }
}
