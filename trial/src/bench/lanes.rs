//! Many at once: tasks on the store, threads on plain files.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

use super::kit::real;

/// Runs `work` on so many tasks for a while; tells how many a second were done.
pub(super) async fn tasks<F, Fut>(lanes: u64, turn: Duration, work: F) -> Result<f64>
where
    F: Fn(u64, u64) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let began = Instant::now();
    let spawned: Vec<_> = (0..lanes)
        .map(|lane| {
            let work = work.clone();
            tokio::spawn(async move {
                let mut done = 0;
                while began.elapsed() < turn {
                    work(lane, done).await?;
                    done += 1;
                }
                Ok::<u64, anyhow::Error>(done)
            })
        })
        .collect();
    let mut done = 0;
    for lane in spawned {
        done += lane.await??;
    }
    Ok(real(done) / began.elapsed().as_secs_f64())
}

/// Runs `work` on so many threads for a while; tells how many a second were done.
pub(super) fn threads<F>(lanes: u64, turn: Duration, work: F) -> Result<f64>
where
    F: Fn(u64, u64) -> Result<()> + Sync,
{
    let began = Instant::now();
    let lane = |lane| -> Result<u64> {
        let mut done = 0;
        while began.elapsed() < turn {
            work(lane, done)?;
            done += 1;
        }
        Ok(done)
    };
    let done: Result<u64> = std::thread::scope(|scope| {
        let lane = &lane;
        let spawned: Vec<_> = (0..lanes).map(|n| scope.spawn(move || lane(n))).collect();
        spawned.into_iter().map(|t| t.join().map_err(|_| anyhow!("a worker panicked"))?).sum()
    });
    let done = done?;
    Ok(real(done) / began.elapsed().as_secs_f64())
}

/// Does `work` for each number below `count`, on so many tasks.
pub(super) async fn each<F, Fut>(lanes: u64, count: u64, work: F) -> Result<()>
where
    F: Fn(u64) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let numbers = Numbers::below(count);
    let spawned: Vec<_> = (0..lanes)
        .map(|_| {
            let (work, numbers) = (work.clone(), numbers.clone());
            tokio::spawn(async move {
                while let Some(number) = numbers.next() {
                    work(number).await?;
                }
                Ok::<(), anyhow::Error>(())
            })
        })
        .collect();
    for lane in spawned {
        lane.await??;
    }
    Ok(())
}

/// Numbers that many share: each is given out once.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    next: Arc<AtomicU64>,
    end: u64,
}

impl Numbers {
    pub(super) fn below(end: u64) -> Self {
        Self { next: Arc::default(), end }
    }

    pub(super) fn next(&self) -> Option<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.end).then_some(number)
    }
}
