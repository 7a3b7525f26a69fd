//! A load balancer of a few lines: a connection goes to the first node that takes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};

/// A running balancer; it ends with the runtime.
pub(super) struct Balancer {
    pub(super) address: String,
}

impl Balancer {
    /// Listens before nodes at these addresses (`127.0.0.1:1234`).
    pub(super) async fn before(nodes: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (nodes, turn) = (Arc::new(nodes), Arc::new(AtomicUsize::new(0)));
        drop(tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (nodes, turn) = (Arc::clone(&nodes), turn.fetch_add(1, Ordering::Relaxed));
                drop(tokio::spawn(carry(client, nodes, turn)));
            }
        }));
        Self { address }
    }
}

async fn carry(mut client: TcpStream, nodes: Arc<Vec<String>>, turn: usize) {
    for n in 0..nodes.len() {
        let node = &nodes[(turn + n) % nodes.len()];
        if let Ok(mut node) = TcpStream::connect(node).await {
            drop(tokio::io::copy_bidirectional(&mut client, &mut node).await);
            return;
        }
    }
}
